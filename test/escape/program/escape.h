/* What the attempts share. One static program: inside a container it makes the attempts, on the device it helps to see. */
#pragma once
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The attempt that runs, and the container that it runs in. */
extern const char *id;
extern const char *container;

struct attempt {
	const char *id;
	void (*run)(void);
};

/* One table a class; each ends with an empty row. */
extern const struct attempt devices[], mounts[], namespaces[], cgroups[], kernel[], network[], resources[];

/* What an attempt found out, for the device to compare with what only it knows. */
void told(const char *text);
/* Why an attempt went no further; printed with the results, never a verdict. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A process that stays, named after the attempt, so that the device can look at it. */
void linger(void);

bool write_file(const char *path, const char *text);
bool append_at(int dir, const char *path);
ssize_t read_file(const char *path, char *text, size_t size);

/* A directory that can be written, for nodes and mount points; NULL if there is none. */
const char *scratch(void);
/* A new mount of a file system; NULL if that is refused. */
const char *fresh(const char *type, const char *options);
/* /proc, or one mounted for this attempt. */
const char *procfs(void);
/* The mount point of cgroup v2, mounted if need be. */
const char *cgroupfs(void);
/* Writes below /proc/sys or /sys: as it is, made writable again, and in a new mount. */
bool write_kernel(const char *type, const char *path, const char *text);
/* Opens a device by its number through a node of its own. */
int open_node(mode_t type, unsigned major, unsigned minor, int flags);
/* The number of the disk with the device's root; false if none can be found. */
bool root_disk(unsigned *major, unsigned *minor);
/* With the device's root in hand: reads what only the device has and leaves a file there. */
void reach(int root);
void reach_path(const char *path);
/* Types a command into a terminal (TIOCSTI). */
bool type_into(int tty);
/* Whether a process of /proc is the device's own (test/escape/overlay starts it). */
bool is_victim(const char *proc, const char *pid);
/* Calls `with` for each process that can be seen. */
void each_process(void (*with)(const char *proc, const char *pid));

/* Modes for the device. */
int victim(int count, char **words);
int watch(int count, char **words);
int with_pty(int count, char **words);
int queue(int count, char **words);
int as_nobody(int count, char **words);
int disk_mark(int count, char **words);
int tick(int count, char **words);
int share(int count, char **words);
