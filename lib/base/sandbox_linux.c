/*
 * The sandbox on Linux: landlock(7) for files, a seccomp(2) filter for calls.
 *
 * The filter names what is refused, not what is allowed: a C library that
 * begins to use another call does not break us.
 */
#if defined(__linux__)
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(HAVE_SECCOMP)
#include <sched.h>
#include <seccomp.h>
#endif

/* A sanitizer's run time opens what it likes and starts a symbolizer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if !defined(SANITIZED)
#define SANITIZED 0
#endif

/* ---- files ---------------------------------------------------------------- */

/* Those of newer kernels than our headers may be from. */
#define RIGHT_REFER     (UINT64_C(1) << 13) /* ABI 2 */
#define RIGHT_TRUNCATE  (UINT64_C(1) << 14) /* ABI 3 */
#define RIGHT_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */

/*
 * Files are renamed from one folder to another, which landlock's first
 * version does not know.
 */
#define ABI_MIN 2

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_CHANGE                                                          \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |       \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM |       \
	    RIGHT_REFER | RIGHT_TRUNCATE)
#define RIGHTS_OTHER                                                           \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |           \
	    LANDLOCK_ACCESS_FS_MAKE_BLOCK | RIGHT_IOCTL_DEV)
#define RIGHTS_OF_FILES                                                        \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	    LANDLOCK_ACCESS_FS_EXECUTE | RIGHT_TRUNCATE | RIGHT_IOCTL_DEV)

static uint64_t
rights_of_kernel(int abi)
{
	uint64_t all = RIGHTS_READ | RIGHTS_CHANGE | RIGHTS_OTHER;
	if (abi < 3)
		all &= ~RIGHT_TRUNCATE;
	if (abi < 5)
		all &= ~RIGHT_IOCTL_DEV;
	return all;
}

static uint64_t
rights_of_access(enum sandbox_access access)
{
	switch (access) {
	case SANDBOX_READ:
		break;
	case SANDBOX_WRITE:
		return RIGHTS_READ | RIGHTS_CHANGE;
	case SANDBOX_EXEC:
		return RIGHTS_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	}
	return RIGHTS_READ;
}

/* What is not there cannot be used later either, and is passed over. */
static void
allow(int rules, const struct sandbox_path *p, uint64_t known)
{
	struct stat st;
	struct landlock_path_beneath_attr at = {
		.allowed_access = rights_of_access(p->access) & known,
		.parent_fd = open(p->path, O_PATH | O_CLOEXEC),
	};
	if (at.parent_fd == -1)
		return;
	if (fstat(at.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		at.allowed_access &= RIGHTS_OF_FILES;
	(void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
	    &at, 0);
	(void)close(at.parent_fd);
}

static const char *
hold_files(const struct sandbox *sb, int *abi)
{
	*abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (*abi == -1)
		return errno == ENOSYS || errno == EOPNOTSUPP
			   ? "this kernel has no landlock"
			   : strerror(errno);
	if (*abi < ABI_MIN)
		return "this kernel's landlock is too old";
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = rights_of_kernel(*abi),
	};
	int rules =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules == -1)
		return strerror(errno);
	for (size_t i = 0; i < sb->n; i++)
		allow(rules, &sb->paths[i], attr.handled_access_fs);
	const char *why = syscall(SYS_landlock_restrict_self, rules, 0) == 0
			      ? NULL
			      : strerror(errno);
	(void)close(rules);
	return why;
}

/* ---- calls ---------------------------------------------------------------- */

#if defined(HAVE_SECCOMP)

/* Nothing here does this once it runs; a name not known is passed over. */
static const char *const never[] = { "acct", "add_key", "adjtimex", "bpf",
	"chroot", "clock_adjtime", "clock_settime", "create_module",
	"delete_module", "fanotify_init", "finit_module", "fsconfig", "fsmount",
	"fsopen", "fspick", "get_kernel_syms", "init_module", "io_uring_enter",
	"io_uring_register", "io_uring_setup", "ioperm", "iopl", "kcmp",
	"kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mbind",
	"migrate_pages", "mknod", "mknodat", "modify_ldt", "mount",
	"mount_setattr", "move_mount", "move_pages", "name_to_handle_at",
	"nfsservctl", "open_by_handle_at", "open_tree", "perf_event_open",
	"pidfd_getfd", "pivot_root", "process_madvise", "process_vm_readv",
	"process_vm_writev", "ptrace", "query_module", "quotactl",
	"quotactl_fd", "reboot", "request_key", "setdomainname", "setfsgid",
	"setfsuid", "setgid", "setgroups", "sethostname", "setns", "setregid",
	"setresgid", "setresuid", "setreuid", "settimeofday", "setuid",
	"swapoff", "swapon", "syslog", "umount", "umount2", "unshare", "uselib",
	"userfaultfd", "vhangup" };

static const char *const programs[] = { "execve", "execveat" };

static bool
refuse(scmp_filter_ctx ctx, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);
		if (call < 0)
			continue; /* not on this machine */
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), call, 0) != 0)
			return false;
	}
	return true;
}

/* By family: one comparison of an argument is all that a rule can have. */
static bool
refuse_sockets(scmp_filter_ctx ctx, unsigned kinds)
{
	struct scmp_arg_cmp family = { .arg = 0, .op = SCMP_CMP_EQ };
	for (unsigned f = AF_UNSPEC; f <= AF_INET6; f++) {
		family.datum_a = f;
		bool unix_ok = f == AF_UNIX && (kinds & SANDBOX_UNIX) != 0;
		bool inet_ok = (f == AF_INET || f == AF_INET6) &&
			       (kinds & SANDBOX_INET) != 0;
		if (!unix_ok && !inet_ok &&
		    seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EACCES),
			SCMP_SYS(socket), 1, &family) != 0)
			return false;
	}
	family.op = SCMP_CMP_GT;
	family.datum_a = AF_INET6;
	return seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EACCES),
		   SCMP_SYS(socket), 1, &family) == 0;
}

static const char *
hold_calls(const struct sandbox *sb)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (ctx == NULL)
		return "no filter";
	bool ok = refuse(ctx, never, sizeof(never) / sizeof(*never)) &&
		  refuse_sockets(ctx, sb->sockets) &&
		  (sb->programs || refuse(ctx, programs,
				       sizeof(programs) / sizeof(*programs)));
	int rc = ok ? seccomp_load(ctx) : -EINVAL;
	seccomp_release(ctx);
	return rc == 0 ? NULL : strerror(-rc);
}

#else

static const char *
hold_calls(const struct sandbox *sb)
{
	(void)sb;
	return "built without libseccomp";
}

#endif

/* ---- both ----------------------------------------------------------------- */

void
sandbox_enter(const struct sandbox *sb, struct sandbox_held *held)
{
	*held = (struct sandbox_held){ 0 };
	if (SANITIZED) {
		held->files = held->calls = "built with a sanitizer";
		return;
	}
	/* Both want it; nothing started from here gains an id by its file. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) {
		held->files = held->calls = strerror(errno);
		return;
	}
	held->files = hold_files(sb, &held->abi);
	held->calls = hold_calls(sb);
}
#endif
