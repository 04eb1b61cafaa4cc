/* Other processes, their namespaces and what they share. */
#include "escape.h"
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/un.h>

static void root_of(const char *proc, const char *pid)
{
	char path[PATH_MAX];
	static const char *const ways[] = {"root", "root/..", "cwd", "cwd/..", NULL};
	for (int i = 0; ways[i] != NULL; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", proc, pid, ways[i]);
		reach_path(path);
	}
}

static void proc_roots(void) { each_process(root_of); }

static void enter(const char *proc, const char *pid)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s/ns/mnt", proc, pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return;
	if (setns(fd, CLONE_NEWNS) == 0) reach_path("/");
	close(fd);
}

static void enter_mounts(void) { each_process(enter); }

static void enter_network_of(const char *proc, const char *pid)
{
	char path[PATH_MAX];
	if (!is_victim(proc, pid)) return;
	snprintf(path, sizeof(path), "%s/%s/ns/net", proc, pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && setns(fd, CLONE_NEWNET) == 0) linger();
}

static void enter_network(void) { each_process(enter_network_of); }

static void user_unshare(void)
{
	if (unshare(CLONE_NEWUSER) == 0) linger();
	else note("unshare");
}

static void user_clone(void)
{
	pid_t child = syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child < 0) note("clone");
	if (child == 0) {
		linger();
		_exit(0);
	}
}

static void user_clone3(void)
{
	struct clone_args words = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	pid_t child = syscall(__NR_clone3, &words, sizeof(words));
	if (child < 0) note("clone3");
	if (child == 0) {
		linger();
		_exit(0);
	}
}

/* SIGURG is ignored by everybody but the device's own process, which writes down that it came. */
static void signal_all(void)
{
	if (kill(-1, SIGURG) != 0) note("kill -1");
	for (pid_t pid = 1; pid < 3000; pid++) kill(pid, SIGURG);
}

static void trace(const char *proc, const char *pid)
{
	if (!is_victim(proc, pid)) return;
	/* The tracer stays, and the device sees it in its process's status. */
	if (fork() != 0) return;
	if (ptrace(PTRACE_SEIZE, atoi(pid), NULL, NULL) != 0) {
		note("ptrace");
		_exit(0);
	}
	setsid();
	prctl(PR_SET_NAME, id);
	for (int fd = 0; fd < 3; fd++) close(fd);
	sleep(120);
	_exit(0);
}

static void trace_host(void) { each_process(trace); }

static void shared_memory(void)
{
	int segment = shmget(0x65736361, 0, 0);
	if (segment < 0) {
		note("shmget");
		return;
	}
	char *text = shmat(segment, NULL, SHM_RDONLY);
	if (text != (void *)-1) told(text);
	else note("shmat");
}

static void message_queue(void)
{
	char text[8192];
	mqd_t queue = mq_open("/escape", O_RDONLY | O_NONBLOCK);
	if (queue == (mqd_t)-1) {
		note("mq_open");
		return;
	}
	ssize_t count = mq_receive(queue, text, sizeof(text), NULL);
	if (count > 0) told(text);
}

static void read_key(const char *name)
{
	char text[100] = "";
	static const int rings[] = {KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEY_SPEC_SESSION_KEYRING};
	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		long key = syscall(__NR_keyctl, KEYCTL_SEARCH, rings[i], "user", name, 0);
		if (key >= 0 && syscall(__NR_keyctl, KEYCTL_READ, key, text, sizeof(text) - 1) > 0) {
			told(text);
			return;
		}
		note("keyctl %d", rings[i]);
	}
}

static void host_key(void) { read_key("escape-device"); }
static void other_key(void) { read_key("escape-victim"); }

static void tell_socket(int fd)
{
	char text[100] = "";
	struct timeval limit = {.tv_sec = 2};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (recv(fd, text, sizeof(text) - 1, 0) > 0) told(text);
	else note("recv");
}

static void abstract_socket(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "\0escape-device"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + 14) != 0) note("connect");
	else tell_socket(fd);
}

/* LXC's command socket of another container: the state of it, as lxc-info asks for it. */
static void command_socket(void)
{
	static const char *const names[] = {"/var/lib/lxc/victim/command", "/opt/lxc/victim/command", NULL};
	struct {
		int command, length;
		void *data;
	} ask = {.command = 4, .length = 0, .data = NULL}; /* LXC_CMD_GET_INIT_PID in src/lxc/commands.h */
	for (int i = 0; names[i] != NULL; i++) {
		struct sockaddr_un to = {.sun_family = AF_UNIX};
		struct timeval limit = {.tv_sec = 2};
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
		memcpy(to.sun_path + 1, names[i], strlen(names[i]));
		setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		/* Since LXC 1.1 the name ends with its last byte, before with the whole of sun_path. */
		socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(names[i]);
		if (connect(fd, (struct sockaddr *)&to, length) != 0) {
			note("connect %s", names[i]);
			continue;
		}
		struct ucred own = {.pid = getpid(), .uid = getuid(), .gid = getgid()};
		char room[CMSG_SPACE(sizeof(own))] = {0};
		struct iovec words = {&ask, sizeof(ask)};
		struct msghdr message = {
			.msg_iov = &words, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_CREDENTIALS;
		head->cmsg_len = CMSG_LEN(sizeof(own));
		memcpy(CMSG_DATA(head), &own, sizeof(own));
		struct {
			int result, length;
			void *data;
		} answer;
		if (sendmsg(fd, &message, 0) > 0 && recv(fd, &answer, sizeof(answer), 0) >= 8) told("answered");
		else note("no answer from %s", names[i]);
	}
}

/* Descriptors that LXC or its tools have left open. */
static void own_descriptors(void)
{
	for (int fd = 3; fd < 256; fd++) {
		struct stat found;
		if (fstat(fd, &found) != 0) continue;
		char path[PATH_MAX], to[PATH_MAX] = "";
		snprintf(path, sizeof(path), "%s/self/fd/%d", procfs(), fd);
		if (readlink(path, to, sizeof(to) - 1) < 0) strcpy(to, "?");
		if (S_ISDIR(found.st_mode)) {
			int above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
			for (int i = 0; above >= 0 && i < 32; i++) {
				reach(above);
				int next = openat(above, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
				close(above);
				above = next;
			}
			if (above >= 0) close(above);
		}
		errno = 0;
		note("descriptor %d is %s", fd, to);
	}
}

static void descriptors_of(const char *proc, const char *pid)
{
	char path[PATH_MAX];
	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof(path), "%s/%s/fd/%d/..", proc, pid, fd);
		int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		for (int i = 0; dir >= 0 && i < 32; i++) {
			reach(dir);
			int next = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
			close(dir);
			dir = next;
		}
		if (dir >= 0) close(dir);
	}
}

static void other_descriptors(void) { each_process(descriptors_of); }

static void host_name(void)
{
	if (sethostname(id, strlen(id)) != 0) note("sethostname");
}

static void setuid_file(void)
{
	/* A copy of this program, as the container's root owns it. */
	char bytes[16384];
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/self/exe", procfs());
	int from = open(path, O_RDONLY | O_CLOEXEC), to = open("/escape-setuid", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	if (from < 0 || to < 0) {
		note("copy");
		return;
	}
	for (ssize_t count; (count = read(from, bytes, sizeof(bytes))) > 0;)
		if (write(to, bytes, count) != count) note("write");
	if (fchown(to, 0, 0) != 0 || fchmod(to, 06755) != 0) note("chmod");
	close(to);
}

const struct attempt namespaces[] = {
	{"proc-roots", proc_roots},
	{"enter-mounts", enter_mounts},
	{"enter-network", enter_network},
	{"user-unshare", user_unshare},
	{"user-clone", user_clone},
	{"user-clone3", user_clone3},
	{"signal-all", signal_all},
	{"trace-host", trace_host},
	{"shm", shared_memory},
	{"mqueue", message_queue},
	{"host-key", host_key},
	{"other-key", other_key},
	{"abstract-socket", abstract_socket},
	{"command-socket", command_socket},
	{"own-fds", own_descriptors},
	{"other-fds", other_descriptors},
	{"host-name", host_name},
	{"setuid-file", setuid_file},
	{NULL, NULL},
};
