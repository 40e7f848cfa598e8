import { createNode, silentLogger, systemRuntime } from '@artemis/server';
import { defaultConfig } from '@artemis/core/config';
import { describe, expect, it } from '@jest/globals';
import { codeOf, read, sectionOf, tableOf } from '../house/markdown.js';
import { checkedBy, yamlOf } from './deployment.js';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string; readonly for?: string }[];
  }[];
}
interface RuleTests {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly eval_time: string;
      readonly exp_alerts: readonly unknown[];
    }[];
  }[];
}

const folder = 'prometheus';
const [rules] = yamlOf<Rules>(`${folder}/artemis.rules.yml`);
const [tests] = yamlOf<RuleTests>(`${folder}/artemis.rules.test.yml`);
const alerts = (rules?.groups ?? []).flatMap((group) => group.rules);

const promtool = { program: 'promtool', from: 'prometheus' };
const promtoolOf = (name: string, ...args: string[]): void => checkedBy(promtool, name, args);

promtoolOf('promtool accepts the rules', 'check', 'rules', '--lint-fatal', `${folder}/artemis.rules.yml`);
promtoolOf('promtool accepts the scrape configuration', 'check', 'config', `${folder}/prometheus.yml`);
promtoolOf('the tests of the rules pass', 'test', 'rules', `${folder}/artemis.rules.test.yml`);

/** Metrics and the labels that are asked for: `artemis_peer_state{state="dead"}`. */
function metricsOf(text: string): { name: string; labels: string[] }[] {
  return [...text.matchAll(/\b(artemis_\w+)(?:\{([^}]*)\})?/g)].map(([, name = '', selector = '']) => ({
    name,
    labels: [...selector.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label),
  }));
}

/** `2m30s` in seconds. */
function secondsOf(duration: string): number {
  const units = { h: 3600, m: 60, s: 1 };
  const parts = [...duration.matchAll(/(\d+)([hms])/g)];
  expect(parts.map(([part]) => part).join('')).toBe(duration);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
}

/**
 * Whether one and the same test sees the alert come, and sees it wait before: it comes once it has been due for so long,
 * so that at any time within that, before it comes, it was due and waited.
 */
function isSeenToWait(alert: string, forSecs: number): boolean {
  return (tests?.tests ?? []).some(({ alert_rule_test: all }) => {
    const checks = all.filter(({ alertname }) => alertname === alert);
    const at = (comes: boolean): number[] =>
      checks.filter((one) => one.exp_alerts.length > 0 === comes).map((one) => secondsOf(one.eval_time));
    return at(true).some((come) => at(false).some((quiet) => quiet < come && quiet >= come - forSecs));
  });
}

describe('the alert rules', () => {
  it('name metrics that a node has', async () => {
    const config = defaultConfig({ storage: { engine: 'memory' } });
    const node = createNode(config, systemRuntime(config, silentLogger));
    const { text } = await node.state.metrics.render();
    await node.stop();
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const named = alerts.flatMap(({ expr }) => metricsOf(expr).map(({ name }) => name));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('ask for labels that those metrics have', () => {
    const rows = tableOf(sectionOf(read('docs/operations.md'), 'Metrics'));
    const labelsOf = new Map(rows.map(([name, , labels = '']) => [codeOf(name), labels.split(', ')]));
    const asked = alerts.flatMap(({ expr }) => metricsOf(expr));
    const strange = asked.filter(({ name, labels }) =>
      labels.some((label) => !labelsOf.get(name)?.includes(label)),
    );
    expect(asked.some(({ labels }) => labels.length > 0)).toBe(true);
    expect(strange).toEqual([]);
  });

  it('are each tested to wait, but for those that come at once', () => {
    const waiting = alerts.filter((rule) => rule.for !== undefined);
    expect(waiting.length).toBeGreaterThan(alerts.length / 2);
    const hasty = waiting.filter((rule) => !isSeenToWait(rule.alert, secondsOf(rule.for ?? '')));
    expect(hasty.map(({ alert }) => alert)).toEqual([]);
  });

  it('are each tested to come', () => {
    const checks = (tests?.tests ?? []).flatMap((test) => test.alert_rule_test);
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const tested = checks.filter((check) => check.exp_alerts.length > 0).map((check) => check.alertname);
    expect(names.filter((name) => !tested.includes(name))).toEqual([]);
  });

  it('are explained in docs/deployment.md, all of them', () => {
    const section = sectionOf(read('docs/deployment.md'), 'Prometheus');
    const explained = [...section.matchAll(/`(Artemis\w+)`/g)].map(([, alert]) => alert);
    expect([...new Set(explained)].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it('are tested with metrics that they ask for', () => {
    const asked = new Set(alerts.flatMap(({ expr }) => metricsOf(expr).map(({ name }) => name)));
    const fed = (tests?.tests ?? []).flatMap(({ input_series: series }) =>
      series.flatMap((one) => metricsOf(one.series)),
    );
    expect(fed.filter(({ name }) => !asked.has(name))).toEqual([]);
  });
});
