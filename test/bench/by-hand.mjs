// The rival: the commands that lxc-kit runs, typed by hand, one after the other, each with all cores.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** What lxc-kit itself writes of a compiled LXC. */
const PROGRAM = 'work/build-lxc/lxc-program/lxc.c';

/** Builds in `handOut` what lxc-kit has built in `kitOut`. */
export class ByHand {
  /** @type {string} */
  #kitOut;
  /** @type {string} */
  #handOut;

  /** @param {string} kitOut @param {string} handOut */
  constructor(kitOut, handOut) {
    this.#kitOut = kitOut;
    this.#handOut = handOut;
  }

  /** What a person has before the first command: the fragments merged, the trees unpacked, LXC's source edited. */
  prepare() {
    rmSync(this.#handOut, { recursive: true, force: true });
    for (const dir of [
      'configure-kernel/obj',
      'build-kernel/obj',
      'configure-busybox/obj',
      'build-busybox/obj',
      'build-libcap',
      'build-lxc/lxc-program',
    ]) {
      mkdirSync(join(this.#handOut, 'work', dir), { recursive: true });
    }
    mkdirSync(join(this.#handOut, 'images'), { recursive: true });
    mkdirSync(join(this.#handOut, 'logs'), { recursive: true });
    this.#copy('work/configure-kernel/merged.config');
    this.#copy('config/kernel.config', 'work/build-kernel/obj/.config');
    this.#copy('config/busybox.config', 'work/build-busybox/obj/.config');
    if (existsSync(join(this.#kitOut, PROGRAM))) this.#copy(PROGRAM);
  }

  /** Whether the logs have the commands of every step that is compared: those of a restored step have none. */
  knowsCommands() {
    const steps = ['configure-kernel', 'build-kernel', 'configure-busybox', 'build-busybox'];
    return steps.every((step) => this.#commandsOf(step).length > 0);
  }

  /** Whether an earlier run built by hand, from the same commands. */
  isPrepared() {
    const built = ['work/build-kernel/obj/vmlinux', 'rootfs/bin/busybox', 'images/rootfs.squashfs'];
    return this.knowsCommands() && built.every((path) => existsSync(join(this.#handOut, path)));
  }

  cleanBuild() {
    const [kit, hand] = [this.#kitOut, this.#handOut];
    return script([
      ...this.#commandsOf('configure-kernel'),
      ...this.#commandsOf('build-kernel'),
      // oldconfig asks; a person holds the Enter key.
      ...this.#commandsOf('configure-busybox').map((line) =>
        line.endsWith(' oldconfig') ? `yes "" | head -n 5000 | (${line})` : line,
      ),
      ...this.#commandsOf('build-busybox'),
      ...this.#treeCopies('build-libcap'),
      ...this.#commandsOf('build-libcap'),
      ...(existsSync(join(kit, 'work/build-lxc/staging'))
        ? [`cp -a ${hand}/work/build-libcap/staging ${hand}/work/build-lxc/staging`]
        : []),
      ...this.#treeCopies('build-lxc'),
      ...(existsSync(join(kit, 'work/build-lxc/cross.ini'))
        ? [
            `sed 's#${kit}#${hand}#g' ${join(kit, 'work/build-lxc/cross.ini')} > ${join(hand, 'work/build-lxc/cross.ini')}`,
          ]
        : [`cp -a ${join(kit, 'work/build-lxc/target')} ${join(hand, 'work/build-lxc/target')}`]),
      ...this.#commandsOf('build-lxc').filter((line) => !line.includes('strip --strip-unneeded')),
      `mkdir -p ${hand}/rootfs && tar -C ${hand}/rootfs -xzf ${kit}/images/rootfs.tar.gz`,
      ...this.#packing(),
    ]);
  }

  /**
   * One symbol changed in the kernel's tree, and all images packed again.
   *
   * @param {string} symbol
   * @param {'y' | 'n'} value
   */
  changeSymbol(symbol, value) {
    const build = this.#kernelMake();
    const config = join(this.#handOut, 'work/build-kernel/obj/.config');
    const line = value === 'y' ? `${symbol}=y` : `# ${symbol} is not set`;
    return script([
      `sed -i -E 's/^(# )?${symbol}[= ].*/${line}/' ${config} && grep -qx '${line}' ${config}`,
      build.replace(/ \S+ -j\d+$/, ' olddefconfig'),
      build,
      `cp ${this.#handOut}/work/build-kernel/obj/vmlinux ${this.#handOut}/images/`,
      ...this.#packing(),
    ]);
  }

  /** The kernel's own make, in the tree that lxc-kit built, with nothing to do. */
  kernelMakeAgain() {
    return this.#kernelMake().replaceAll(this.#handOut, this.#kitOut);
  }

  #kernelMake() {
    const [make] = this.#commandsOf('build-kernel');
    if (make === undefined) throw new Error('the log of build-kernel has no command');
    return make;
  }

  /** The images, with the usual tools and from a staged tree. */
  #packing() {
    const hand = this.#handOut;
    return [
      `tar -C ${hand}/rootfs -czf ${hand}/images/rootfs.tar.gz .`,
      `(cd ${hand}/rootfs && find . | tar --no-recursion -T - -cf - | gzip > ${hand}/images/rootfs.cpio.gz)`,
      `mksquashfs ${hand}/rootfs ${hand}/images/rootfs.squashfs -comp gzip -noappend -no-progress -quiet`,
      `mke2fs -q -F -t ext4 -d ${hand}/rootfs ${hand}/images/rootfs.ext4 96M`,
    ];
  }

  /**
   * The commands of a step's log, moved to the other out directory.
   *
   * @param {string} step
   */
  #commandsOf(step) {
    const log = join(this.#kitOut, 'logs', `${step}.log`);
    if (!existsSync(log)) return [];
    return (
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('$ cd '))
        .map((line) => line.slice(2).replaceAll(this.#kitOut, this.#handOut))
        // Whoever runs one command at a time gives it all cores.
        .map((line) => line.replace(/ -j\d+$/, ` -j${availableParallelism()}`))
    );
  }

  /** @param {string} step */
  #treeCopies(step) {
    const tree = join(this.#kitOut, 'work', step, 'tree');
    const copy = join(this.#handOut, 'work', step, 'tree');
    return existsSync(tree)
      ? [`cp -a ${tree} ${copy} && chmod -R u+w ${copy} && make -s -C ${copy} clean > /dev/null 2>&1 || true`]
      : [];
  }

  /** @param {string} from @param {string} to */
  #copy(from, to = from) {
    mkdirSync(dirname(join(this.#handOut, to)), { recursive: true });
    copyFileSync(join(this.#kitOut, from), join(this.#handOut, to));
  }
}

/** @type {(lines: readonly string[]) => string} */
function script(lines) {
  return lines.map((line) => `( ${line} )`).join('\n');
}
