import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locateIssue } from '../../../toolkit/yaml/locate-issue.ts';
import { readYaml, type YamlFile } from '../../../toolkit/yaml/read-yaml.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

async function yamlOf(text: string): Promise<YamlFile> {
  const dir = scratchDir();
  writeFiles(dir, { 'f.yaml': text });
  return readYaml(join(dir, 'f.yaml'), 'f.yaml', 'board profile');
}

test('a hexadecimal or octal number stays as it is written', async () => {
  const { value } = await yamlOf('base: 0x80000000\nmode: 0o17\nhz: 100\n');
  expect(value).toEqual({ base: '0x80000000', mode: '0o17', hz: 100 });
});

test('a symbol is found under both of its names', async () => {
  const yaml = await yamlOf('config:\n  VETH: y\n  CONFIG_TUN: m\n');
  expect(locateIssue(yaml, ['config', 'CONFIG_VETH'], 'key')).toMatchObject({ line: 2, column: 3 });
  expect(locateIssue(yaml, ['config', 'CONFIG_TUN'], 'value')).toMatchObject({ line: 3, column: 15 });
});

test('the mark of a value of several lines ends with the first of them', async () => {
  const yaml = await yamlOf('description: "one\n  two"\n');
  expect(locateIssue(yaml, ['description'], 'value')).toEqual({
    file: 'f.yaml',
    line: 1,
    column: 14,
    length: 4,
    sourceLine: 'description: "one',
  });
});
