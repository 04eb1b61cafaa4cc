/*
 * escape inside CONTAINER [SKIPPED…]   makes all attempts, each in a process of its own, and prints what they found
 * escape one CONTAINER ID              makes one
 * escape list                          prints their names
 * The others help on the device: see on-device.c.
 */
#include "escape.h"

const char *id = "-";
const char *container = "-";

/* No attempt takes longer. */
#define SECONDS 8

static const struct attempt *const classes[] = {devices, mounts, namespaces, network, cgroups, kernel, NULL};

static void make(const struct attempt *attempt)
{
	id = attempt->id;
	printf("try %s\n", id);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		setpgid(0, 0);
		/* Where this is allowed an attempt leaves the mounts to the next as they were. */
		if (unshare(CLONE_NEWNS) == 0 && strcmp(id, "propagate") != 0) mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		attempt->run();
		fflush(stdout);
		_exit(0);
	}
	for (int ticks = 0; child > 0 && ticks < SECONDS * 100; ticks++) {
		if (waitpid(child, NULL, WNOHANG) == child) return;
		usleep(10000);
	}
	if (child < 0) {
		note("fork");
		return;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	printf("note %s ended after %d seconds\n", id, SECONDS);
}

static bool is_among(const char *word, int count, char **words)
{
	for (int i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0) return true;
	return false;
}

static const struct attempt *find(const struct attempt *table, const char *name)
{
	for (; table->id != NULL; table++)
		if (strcmp(table->id, name) == 0) return table;
	return NULL;
}

int main(int count, char **words)
{
	static const struct {
		const char *name;
		int (*run)(int, char **);
	} modes[] = {
		{"victim", victim}, {"watch", watch},         {"with-pty", with_pty},
		{"queue", queue},   {"as-nobody", as_nobody}, {"disk-mark", disk_mark},
		{"tick", tick},     {"share", share},
	};
	const char *mode = count > 1 ? words[1] : "";
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(mode, modes[i].name) == 0) return modes[i].run(count - 2, words + 2);
	if (strcmp(mode, "touch") == 0 && count > 2) return open(words[2], O_WRONLY | O_CREAT, 0644) < 0;
	if (strcmp(mode, "list") == 0) {
		for (int i = 0; classes[i] != NULL; i++)
			for (const struct attempt *one = classes[i]; one->id != NULL; one++) puts(one->id);
		for (const struct attempt *one = resources; one->id != NULL; one++) puts(one->id);
		return 0;
	}
	if (count > 2 && strcmp(mode, "inside") == 0) {
		container = words[2];
		for (int i = 0; classes[i] != NULL; i++)
			for (const struct attempt *one = classes[i]; one->id != NULL; one++)
				if (!is_among(one->id, count - 3, words + 3)) make(one);
		puts("all made");
		return 0;
	}
	if (count > 3 && strcmp(mode, "one") == 0) {
		container = words[2];
		const struct attempt *one = find(resources, words[3]);
		for (int i = 0; one == NULL && classes[i] != NULL; i++) one = find(classes[i], words[3]);
		if (one != NULL) {
			id = one->id;
			printf("begun %s\n", id);
			fflush(stdout);
			one->run();
			printf("made %s\n", id);
			fflush(stdout);
			return 0;
		}
	}
	fprintf(stderr, "escape: inside CONTAINER [SKIPPED…] | one CONTAINER ID | list\n");
	return 2;
}
