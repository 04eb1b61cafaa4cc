import type { VersionRange } from '../base/compare-versions.ts';

/** The symbols for each file system that a container may mount, with the kernel versions that have them. */
export const fileSystems: Readonly<Record<string, readonly (VersionRange & { readonly symbol: string })[]>> =
  {
    configfs: [{ symbol: 'CONFIGFS_FS' }],
    cramfs: [{ symbol: 'CRAMFS' }],
    debugfs: [{ symbol: 'DEBUG_FS' }],
    devpts: [{ symbol: 'UNIX98_PTYS' }],
    devtmpfs: [{ symbol: 'DEVTMPFS' }],
    ext2: [{ symbol: 'EXT2_FS' }],
    // ext4 mounts ext3 too; Linux 4.3 removed the separate driver.
    ext3: [
      { symbol: 'EXT3_FS', until: '4.2' },
      { symbol: 'EXT4_FS', since: '4.3' },
    ],
    ext4: [{ symbol: 'EXT4_FS' }],
    fuse: [{ symbol: 'FUSE_FS' }],
    jffs2: [{ symbol: 'JFFS2_FS' }],
    mqueue: [{ symbol: 'POSIX_MQUEUE' }],
    nfs: [{ symbol: 'NFS_FS' }],
    overlay: [{ symbol: 'OVERLAY_FS', since: '3.18' }],
    proc: [{ symbol: 'PROC_FS' }],
    securityfs: [{ symbol: 'SECURITYFS' }],
    squashfs: [{ symbol: 'SQUASHFS' }],
    sysfs: [{ symbol: 'SYSFS' }],
    tmpfs: [{ symbol: 'TMPFS' }],
    tracefs: [{ symbol: 'TRACING' }],
    ubifs: [{ symbol: 'UBIFS_FS' }],
    vfat: [{ symbol: 'VFAT_FS' }],
  };
