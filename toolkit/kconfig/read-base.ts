import { errorMessage } from '../base/errors.ts';
import { MAX_TEXT_BYTES, readUserFile, RefusedFile } from '../host/read-user-file.ts';
import { refuseForeign, type ConfigTarget } from './config-origin.ts';
import { refuseFeatureDescription } from './feature-description.ts';
import { parseConfig, type ParsedConfig } from './parse-config.ts';
import { shortened, type FragmentFile } from './read-fragment.ts';

/**
 * Reads a whole configuration that the user gives as the base: a defconfig, or a .config from a device. Lines that
 * Kconfig would misread or drop are problems, and so is a configuration for another program or architecture
 * than `target`; without `target`, nothing is configured with it.
 */
export function readBase({ file, shownAs }: FragmentFile, target?: ConfigTarget): ParsedConfig {
  let text: string;
  try {
    text = readUserFile(file, MAX_TEXT_BYTES.config).toString('utf8');
  } catch (error) {
    if (error instanceof RefusedFile)
      return failed({ message: `the configuration ${shownAs} ${error.message}` });
    return failed({ message: `the configuration ${shownAs} cannot be read: ${errorMessage(error)}` });
  }
  const foreign =
    refuseFeatureDescription(text, shownAs) ??
    (target === undefined ? undefined : refuseForeign(text, shownAs, target));
  if (foreign !== undefined) return failed(foreign);
  const { lines, problems, warnings } = parseConfig(text, shownAs, {
    whole: true,
    readOnly: target === undefined,
  });
  return { lines, problems: shortened(problems, shownAs), warnings };
}

function failed(problem: ParsedConfig['problems'][number]): ParsedConfig {
  return { lines: [], problems: [problem], warnings: [] };
}
