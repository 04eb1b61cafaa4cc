import { LXC_PATH } from './directories.ts';
import type { BuildSystem, LxcOption } from './recipe.ts';

/**
 * The options of configure and meson: only tools and library, and nothing that depends on the build host.
 * Source: configure.ac and meson_options.txt of every release from 1.0.0 to 7.0.0. An option that a release does not
 * know stops meson; configure only warns.
 */
export const lxcOptions: Readonly<Record<BuildSystem, readonly LxcOption[]>> = {
  autotools: [
    // Without it configure reads files of the build host and runs its lsb_release.
    { option: '--with-distro=unknown' },
    { option: '--with-init-script=none' },
    // Otherwise configure asks the build host's pkg-config for the folder of systemd's units.
    { option: '--with-systemdsystemunitdir=no' },
    { option: '--with-runtime-path=/run' },
    { option: `--with-config-path=${LXC_PATH}` },
    { option: '--with-log-path=/var/log/lxc' },
    { option: '--with-global-conf=/etc/lxc/lxc.conf' },
    { option: '--enable-capabilities' },
    { option: '--disable-apparmor' },
    { option: '--disable-selinux' },
    { option: '--disable-doc' },
    { option: '--disable-api-docs' },
    { option: '--disable-examples' },
    { option: '--disable-bash' },
    { option: '--disable-tests' },
    { option: '--disable-python', until: '2.1.1' },
    { option: '--disable-lua', until: '2.1.1' },
    { option: '--disable-cgmanager', until: '2.1.1' },
    { option: '--disable-gnutls', since: '2.0.7', until: '3.0.3' },
    { option: '--disable-gnutls', since: '3.1.0', until: '3.1.0' },
    { option: '--disable-openssl', since: '3.0.4', until: '3.0.99' },
    { option: '--disable-openssl', since: '3.2.0' },
    { option: '--disable-werror', since: '2.0.5' },
    // It copies the program to memory each time a container is entered, for which small boards have no memory.
    { option: '--disable-memfd-rexec', since: '2.0.10', until: '2.0.99' },
    { option: '--disable-memfd-rexec', since: '3.0.4', until: '3.0.99' },
    { option: '--disable-memfd-rexec', since: '3.2.0' },
    { option: '--disable-liburing', since: '4.0.11' },
    // liblxc.a would compile the whole library twice. The option came with libtool, in 2.0.6.
    { option: '--disable-static', since: '2.0.6' },
  ],
  meson: [
    { option: '-Dman=false' },
    { option: '-Dexamples=false' },
    { option: '-Dtests=false' },
    { option: '-Dapparmor=false' },
    { option: '-Dselinux=false' },
    { option: '-Dopenssl=false' },
    { option: '-Dcapabilities=true' },
    { option: '-Dpam-cgroup=false' },
    { option: '-Dio-uring-event-loop=false' },
    { option: '-Dmemfd-rexec=false' },
    // On by default: each error message calls strerror_r instead of using %m, which is a fifth of the library.
    { option: '-Dcoverity-build=false' },
    // An empty list, because the default, systemd, is looked for on the build host.
    { option: '-Dinit-script=' },
    { option: '-Druntime-path=/run' },
    // An empty value means "look at the build host's /etc" and fails unless that is Debian's or Red Hat's.
    { option: '-Ddistrosysconfdir=default', since: '5.0.2' },
    { option: '-Dsd-bus=disabled', since: '5.0.1', until: '5.0.99' },
    { option: '-Ddbus=false', since: '6.0.0' },
    { option: '-Dtools-multicall=true', since: '6.0.0' },
    { option: '-Dtools=false', since: '6.0.0' },
    // The combined program of all tools contains liblxc.a: see quirks.ts.
    { option: '-Db_pie=false' },
    { option: '-Db_staticpic=false' },
    { option: '-Dinstall-init-files=false', since: '6.0.0' },
    { option: '-Dinstall-state-dirs=false', since: '6.0.0' },
    { option: '-Dspecfile=false', since: '6.0.0' },
    { option: '-Dapi-docs=false', since: '6.0.6' },
    { option: '-Dlandlock-monitor=false', since: '7.0.0' },
  ],
};

/** Returns the option that enables or disables a feature of the profile. */
export const featureSwitches: Readonly<Record<BuildSystem, (feature: string, on: boolean) => string>> = {
  autotools: (feature, on) => `--${on ? 'enable' : 'disable'}-${feature}`,
  meson: (feature, on) => `-D${feature}=${String(on)}`,
};

/** The features of a profile whose libraries lxc-kit compiles. */
export const compiledFeatures: readonly string[] = ['seccomp'];

/** The features of a profile that names none, where the release can have them. */
export const defaultFeatures: readonly string[] = ['seccomp'];

/** The features that Debian builds LXC with, in addition to libcap (debian/rules of the package). */
export const debianLxcFeatures: readonly string[] = ['seccomp', 'apparmor', 'selinux'];
