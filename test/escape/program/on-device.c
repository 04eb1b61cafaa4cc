/* What the device does itself: something to attack, and eyes. */
#include "escape.h"
#include <arpa/inet.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <grp.h>

static volatile sig_atomic_t signalled;

static void on_signal(int number) { signalled = number; }

static int listen_on(struct sockaddr *address, socklen_t length)
{
	int on = 1, fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address, length) != 0 || listen(fd, 8) != 0) perror("victim: listen");
	return fd;
}

/*
 * escape victim NAME SECRET FILE: a process that has what others could reach: a secret in shared memory, in a message
 * queue, in a keyring, on sockets. It makes FILE when it gets SIGURG, and ends with the device.
 */
int victim(int count, char **words)
{
	if (count < 3) return 2;
	const char *name = words[0], *secret = words[1];
	prctl(PR_SET_NAME, "escape-victim");
	struct sigaction act = {.sa_handler = on_signal};
	sigaction(SIGURG, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	int segment = shmget(0x65736361, 4096, IPC_CREAT | 0666);
	char *room = segment < 0 ? (void *)-1 : shmat(segment, NULL, 0);
	if (room != (void *)-1) strcpy(room, secret);
	struct mq_attr one = {.mq_maxmsg = 4, .mq_msgsize = 200};
	mqd_t queue = mq_open("/escape", O_RDWR | O_CREAT | O_NONBLOCK, 0666, &one);
	char key[64];
	snprintf(key, sizeof(key), "escape-%s", name);
	long serial = syscall(__NR_add_key, "user", key, secret, strlen(secret) + 1, KEY_SPEC_USER_KEYRING);
	if (serial >= 0) syscall(__NR_keyctl, KEYCTL_SETPERM, serial, 0x3f3f0000);
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	int length = 1 + snprintf(local.sun_path + 1, sizeof(local.sun_path) - 1, "escape-%s", name);
	struct sockaddr_in everywhere = {.sin_family = AF_INET, .sin_port = htons(7777)};
	struct pollfd ears[] = {
		{.fd = listen_on((struct sockaddr *)&local, offsetof(struct sockaddr_un, sun_path) + length), .events = POLLIN},
		{.fd = listen_on((struct sockaddr *)&everywhere, sizeof(everywhere)), .events = POLLIN},
	};
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(7778)};
	inet_pton(AF_INET, "127.0.0.1", &nobody.sin_addr);
	int talk = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (;;) {
		/* One message waits whenever somebody has taken the last. */
		struct mq_attr now;
		if (queue != (mqd_t)-1 && mq_getattr(queue, &now) == 0 && now.mq_curmsgs == 0)
			mq_send(queue, secret, strlen(secret) + 1, 0);
		sendto(talk, secret, strlen(secret) + 1, 0, (struct sockaddr *)&nobody, sizeof(nobody));
		if (poll(ears, 2, 200) > 0)
			for (int i = 0; i < 2; i++) {
				if (!(ears[i].revents & POLLIN)) continue;
				int fd = accept(ears[i].fd, NULL, NULL);
				if (fd >= 0 && send(fd, secret, strlen(secret) + 1, 0) < 0) perror("victim: send");
				if (fd >= 0) close(fd);
			}
		if (signalled) {
			signalled = 0;
			close(open(words[2], O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		}
	}
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void complain(FILE *out, const char *what, double since)
{
	fprintf(out, "lost %s: %s after %.1f s\n", what, strerror(errno), seconds() - since);
	fflush(out);
}

/*
 * escape watch FILE SECONDS: an ordinary process of the device, which makes a process, a file, a page of memory, a
 * terminal and an open file ten times a second and writes into FILE what it could not do, or only after a long time.
 */
int watch(int count, char **words)
{
	if (count < 2) return 2;
	FILE *out = fopen(words[0], "we");
	if (out == NULL) return 1;
	double start = seconds(), end = start + atof(words[1]), last = start;
	for (long turn = 0; seconds() < end; turn++) {
		double before = seconds();
		/* Waking up late is as bad as not at all. */
		if (before - last > 5) {
			fprintf(out, "lost processor: not run for %.1f s\n", before - last);
			fflush(out);
		}
		last = before;
		pid_t child = fork();
		/* A user without rights, who has no reserve of open files. */
		if (child == 0) _exit(setuid(65534) != 0 || open("/dev/null", O_RDONLY) < 0 ? 1 : 0);
		int status = 0;
		if (child < 0) complain(out, "process", start);
		else if (waitpid(child, &status, 0) == child && status != 0) complain(out, "open file", start);
		int fd = posix_openpt(O_RDWR | O_NOCTTY);
		if (fd < 0) complain(out, "terminal", start);
		else close(fd);
		if (turn % 3 == 0) {
			static char block[1 << 15];
			fd = open("/escaped/watch", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
			if (fd < 0) complain(out, "file", start);
			else {
				if (write(fd, block, sizeof(block)) != sizeof(block)) complain(out, "disk", start);
				close(fd);
			}
			unlink("/escaped/watch");
			char *room = malloc(1 << 20);
			if (room == NULL) complain(out, "memory", start);
			else memset(room, 1, 1 << 20);
			free(room);
		}
		usleep(100000);
	}
	fprintf(out, "end\n");
	return fclose(out);
}

/* escape with-pty FILE WORD…: runs a command on a terminal of its own and writes into FILE what was typed into that. */
int with_pty(int count, char **words)
{
	if (count < 2) return 2;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) return 1;
	char *name = ptsname(master);
	int slave = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	pid_t child = fork();
	if (child == 0) {
		setsid();
		int tty = open(name, O_RDWR);
		ioctl(tty, TIOCSCTTY, 0);
		for (int fd = 0; fd < 3; fd++) dup2(tty, fd);
		if (tty > 2) close(tty);
		execvp(words[1], words + 1);
		_exit(127);
	}
	fcntl(master, F_SETFL, O_NONBLOCK);
	char text[4096];
	int status = 0;
	for (double end = seconds() + 15; seconds() < end; usleep(20000)) {
		for (ssize_t got; (got = read(master, text, sizeof(text))) > 0;) fwrite(text, 1, got, stdout);
		if (waitpid(child, &status, WNOHANG) == child) {
			child = 0;
			break;
		}
	}
	if (child != 0) kill(child, SIGKILL);
	int out = open(words[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (ssize_t got; (got = read(slave, text, sizeof(text))) > 0;)
		if (write(out, text, got) != got) return 1;
	return child != 0 ? 124 : WEXITSTATUS(status);
}

/* escape queue TTY: prints what was typed into a terminal and nobody has read yet. */
int queue(int count, char **words)
{
	char text[4096];
	if (count < 1) return 2;
	int fd = open(words[0], O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	for (ssize_t got; fd >= 0 && (got = read(fd, text, sizeof(text))) > 0;) fwrite(text, 1, got, stdout);
	return 0;
}

/* escape as-nobody WORD…: runs a command as a user without rights. */
int as_nobody(int count, char **words)
{
	if (count < 1) return 2;
	if (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0) return 1;
	execv(words[0], words);
	return 127;
}

/* escape disk-mark DISK OFFSET [TEXT]: writes 64 bytes of a disk, or prints them. */
int disk_mark(int count, char **words)
{
	if (count < 2) return 2;
	char text[65] = "";
	int fd = open(words[0], count > 2 ? O_RDWR : O_RDONLY);
	if (count > 2) {
		strncpy(text, words[2], 64);
		return pwrite(fd, text, 64, atol(words[1])) != 64 || fsync(fd) != 0;
	}
	if (pread(fd, text, 64, atol(words[1])) > 0) puts(text);
	return 0;
}

/* escape tick [N]: sets the microseconds that the clock adds at each tick, and prints them. (BusyBox's adjtimex crashes.) */
int tick(int count, char **words)
{
	struct timex clock = {.modes = count > 0 ? ADJ_TICK : 0, .tick = count > 0 ? atol(words[0]) : 0};
	int state = adjtimex(&clock);
	printf("%ld\n", clock.tick);
	return state < 0;
}

/* escape share DIR: makes a directory a mount whose changes others see. */
int share(int count, char **words)
{
	if (count < 1) return 2;
	return mount(words[0], words[0], NULL, MS_BIND, NULL) != 0 || mount(NULL, words[0], NULL, MS_SHARED, NULL) != 0;
}
