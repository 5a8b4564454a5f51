/*
 * A process that is killed just before its n-th call that changes a file or a
 * folder, for every n: all states that a crash can leave.
 *
 * The parent follows the child's system calls (Linux; elsewhere the tests
 * that use this are left out).
 */
#ifndef TESTS_PROFILE_CRASH_H
#define TESTS_PROFILE_CRASH_H

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/ptrace.h>
#include <sys/syscall.h>

/* <linux/ptrace.h> fights with <sys/ptrace.h>: the part that is needed. */
#define CRASH_GET_SYSCALL_INFO 0x420e
#define CRASH_ENTRY            1
struct crash_info {
	unsigned char op, pad[3];
	unsigned arch;
	unsigned long long ip, sp;
	unsigned long long nr, args[6];
};

/* Calls that leave something on disk, or end a piece of such work. */
static inline bool
crash_counts(unsigned long long nr)
{
	static const unsigned long long calls[] = {
#ifdef SYS_rename
		SYS_rename,
#endif
#ifdef SYS_unlink
		SYS_unlink,
#endif
#ifdef SYS_rmdir
		SYS_rmdir,
#endif
#ifdef SYS_mkdir
		SYS_mkdir,
#endif
#ifdef SYS_renameat
		SYS_renameat,
#endif
		SYS_renameat2, SYS_unlinkat, SYS_mkdirat, SYS_write,
		SYS_pwrite64, SYS_ftruncate, SYS_fsync
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i] == nr)
			return true;
	return false;
}

/* Let the child run to its n-th such call.  True: it was killed there. */
static inline bool
crash_follow(pid_t pid, unsigned n)
{
	unsigned seen = 0;
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, pid, NULL,
			     PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
	    0);
	for (;;) {
		struct crash_info info;
		ck_assert_int_eq(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			ck_assert_int_eq(WEXITSTATUS(status), 0);
			return false;
		}
		ck_assert(WIFSTOPPED(status));
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		if (ptrace(CRASH_GET_SYSCALL_INFO, pid, sizeof(info), &info) >
			0 &&
		    info.op == CRASH_ENTRY && crash_counts(info.nr) &&
		    seen++ == n)
			break;
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return true;
}

/*
 * Run work() in a child that is killed at its n-th call; false when it had
 * fewer and has ended.
 */
static inline bool
crash_at(unsigned n, void (*work)(void))
{
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(77);
		(void)raise(SIGSTOP);
		work();
		_exit(0);
	}
	return crash_follow(pid, n);
}

/* May this process trace its children? */
static inline bool
crash_possible(void)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(77);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid)
		return false;
	struct crash_info info;
	bool ok =
	    WIFSTOPPED(status) &&
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD) == 0 &&
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == 0 &&
	    waitpid(pid, &status, 0) == pid &&
	    ptrace(CRASH_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0;
	if (!WIFEXITED(status)) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
	}
	return ok;
}
#else
static inline bool
crash_at(unsigned n, void (*work)(void))
{
	(void)n;
	(void)work;
	return false;
}

static inline bool
crash_possible(void)
{
	return false;
}
#endif

#endif
