import { expect, test } from 'vitest';
import { findRecipe, lxcRecipes } from '../../../toolkit/lxc/recipes.ts';

test.each([
  ['5.0.0', '5.0'],
  ['5.0.3', '5.0'],
  ['6.0.6', '6.0'],
  ['6.0.0-beta', '6.0'],
])('%s has a recipe of its own', (version, series) => {
  expect(findRecipe(version)).toMatchObject({ exact: true, recipe: { series } });
});

test.each([
  ['4.0.12', '5.0'],
  ['1.1.5', '5.0'],
  ['5.1.0', '5.0'],
  // A number, not a fraction: 5.10 is nearer to 5.0 than to any 6.
  ['5.10.0', '5.0'],
  ['5.99', '5.0'],
  ['6.1.0', '6.0'],
  ['6.10', '6.0'],
  ['7.0.0', '6.0'],
  ['10.0.0', '6.0'],
  ['6.1-git', '6.0'],
])('%s is built as %s', (version, series) => {
  expect(findRecipe(version)).toMatchObject({ exact: false, recipe: { series } });
});

test('each series stands once, in order, and every option has a value', () => {
  const series = lxcRecipes.map((recipe) => recipe.series);
  expect(series).toEqual([...new Set(series)].sort((a, b) => Number(a) - Number(b)));
  for (const { options, edits } of lxcRecipes) {
    for (const option of options) expect(option).toMatch(/^-D[a-z-]+=/);
    expect(new Set(options.map((option) => option.split('=')[0])).size).toBe(options.length);
    for (const { from, to, reason } of edits) {
      expect(from).not.toBe(to);
      expect(reason).not.toBe('');
    }
  }
});
