import type { ApiRoute } from '@artemis/core';
import { apiRoutes, errorTable, httpProblems, limits, pathsOf } from '@artemis/core';
import { describe, expect, it } from '@jest/globals';
import { codeOf, fencesOf, headingsOf, read, sectionOf, tableOf } from './markdown.js';

const page = read('docs/http-api.md');
const routes = Object.values<ApiRoute>(apiRoutes).map((route) => ({
  route,
  heading: `${route.methods.join(', ')} ${pathsOf(route)[0]}`,
}));

describe('docs/http-api.md', () => {
  it('has a heading for every route, and for no other', () => {
    const documented = headingsOf(page).filter(({ text }) => /^[A-Z, ]+ \//.test(text));
    expect(documented.map(({ text }) => text).sort()).toEqual(routes.map(({ heading }) => heading).sort());
  });

  it.each(routes)('shows an answer of $heading', ({ heading, route }) => {
    const answers = fencesOf(sectionOf(page, heading)).filter(({ info }) => info.endsWith('answer'));
    expect(answers.length).toBeGreaterThan(0);
    for (const { info, text } of answers) {
      if (info !== 'json answer' || route.response === undefined) continue;
      const example: unknown = JSON.parse(text);
      expect(route.response.parse(example)).toEqual(example);
    }
  });

  it.each(routes.filter(({ route }) => route.body !== undefined))(
    'shows a request of $heading',
    ({ heading, route }) => {
      const requests = fencesOf(sectionOf(page, heading)).filter(({ info }) => info === 'json request');
      expect(requests.length).toBeGreaterThan(0);
      for (const { text } of requests) expect(route.body?.parse(JSON.parse(text))).toEqual(JSON.parse(text));
    },
  );

  it('has the table of error codes', () => {
    const rows = tableOf(sectionOf(page, 'Error codes'));
    const expected = Object.entries(errorTable).map(([code, { retryable, meaning }]) => {
      return [`\`${code}\``, retryable ? 'yes' : 'no', meaning];
    });
    expect(rows).toEqual(expected);
  });

  it('has the table of HTTP statuses', () => {
    const rows = tableOf(sectionOf(page, 'HTTP statuses')).map(([status, code]) => [status, codeOf(code)]);
    expect(rows).toEqual(Object.values(httpProblems).map(({ status, code }) => [String(status), code]));
  });

  it('has the table of limits', () => {
    const numbers = tableOf(sectionOf(page, 'Limits')).flatMap(([, most = '']) =>
      [...most.matchAll(/\d[\d ]*/g)].map(([digits]) => Number(digits.replaceAll(' ', ''))),
    );
    expect(numbers).toEqual(expect.arrayContaining(Object.values(limits)));
  });
});
