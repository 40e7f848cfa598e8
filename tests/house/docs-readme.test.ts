import { describe, expect, it } from '@jest/globals';
import { fencesOf, headingsOf, read } from './markdown.js';

const english = read('README.md');
const chinese = read('README.zh-CN.md');

describe('README.zh-CN.md', () => {
  it('has the headings of README.md', () => {
    const levels = (text: string) => headingsOf(text).map(({ level }) => level);
    expect(levels(chinese)).toEqual(levels(english));
  });

  it('has the same commands and the same output', () => {
    expect(fencesOf(chinese)).toEqual(fencesOf(english));
  });

  it('links to the same pages', () => {
    const links = (text: string) => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
    const readme = /^README.*\.md$/;
    const pages = (text: string) => links(text).filter((link) => !readme.test(link ?? ''));
    expect(pages(chinese)).toEqual(pages(english));
  });

  it('is written in Chinese', () => {
    for (const { text } of headingsOf(chinese).slice(1)) expect(text).toMatch(/\p{Script=Han}/u);
  });
});
