/*
 * proc: what every daemon does around its work: pid file, detaching,
 * dropping ids, "ready".
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * A pid file that is held open and locked for the life of the process, so
 * a left-over file of a dead process is never mistaken for a live one.  A
 * forked child that stays behind must close(fd) (not pidfile_close), or it
 * holds the lock as well.
 */
struct pidfile {
	int fd;
	char path[4096];
};

/*
 * Create, lock, and write the caller's pid; a live holder is an error naming
 * its pid.  Call before proc_detach, and pidfile_write in the final process.
 */
int pidfile_open(struct pidfile *pf, const char *path, struct err *err);
int pidfile_write(struct pidfile *pf, struct err *err);

/* Remove and unlock. */
void pidfile_close(struct pidfile *pf);

/* Forget it: it is another process's, which inherited the descriptor. */
void pidfile_leave(struct pidfile *pf);

/*
 * The pid that holds `path`, 0 when the file is missing, -1 when it names a
 * process that is gone (a left-over file).
 */
pid_t pidfile_holder(const char *path);

/*
 * Go into the background in two steps, so that start-up errors still reach
 * the caller's terminal and exit status: proc_detach forks; the parent waits
 * and exits 0 when the child calls proc_ready, 1 when it ends before.
 * proc_ready also closes the standard descriptors (to /dev/null) of a
 * detached process and tells a service manager.
 */
int proc_detach(struct err *err);
void proc_ready(void);

/*
 * In a child of a process between proc_detach and proc_ready: it does not
 * keep the terminal.  Does nothing when that is not detached.
 */
void proc_detach_helper(void);

/*
 * Tell a service manager, by NOTIFY_SOCKET; without one these do nothing.
 * proc_status is one line about what we do; proc_succeeded_by: the process
 * `pid` goes on in our place.
 */
bool proc_supervised(void);
void proc_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void proc_reloading(void);
void proc_reloaded(void); /* or not, with what was before */
void proc_stopping(void);
void proc_succeeded_by(pid_t pid);
void proc_tell(const char *text); /* "NAME=value\nNAME=value" */

/*
 * Called in every turn of a main loop: tells a manager that wants to know
 * (WATCHDOG_USEC), some times in its interval.
 */
void proc_alive(void);

/* Exit status of who wants to be started again by its manager. */
#define PROC_AGAIN 75

/*
 * Become `user` (and `group` when not NULL) for good.  Called as that user
 * already it does nothing; called as someone else without the right to
 * change it is an error.
 */
int proc_drop(const char *user, const char *group, struct err *err);

/*
 * Called in a child of `parent`: be sent SIGTERM when the parent dies, also
 * by kill -9.  A child that stays would keep the parent's pid file locked.
 */
void proc_end_with(pid_t parent);

/*
 * A word for the running system, another after each of its starts; what a
 * killed process had written is still in the kernel's hands as long as it
 * stays the same.  False: not known here.
 */
#define PROC_BOOT_MAX 64
bool proc_boot(char *word);

/*
 * For a thread that must not come late, as it empties a buffer of the
 * kernel's: it runs before others when processors are short (niceness -10).
 * allow is for the time before proc_drop, so that later threads may ask;
 * where the site or the system does not let them, all goes on as usual.
 */
void proc_urgent_allow(void);
bool proc_urgent_thread(void); /* the calling one; false: it stays as it was */

/* uid, and gid of group (or of the user); an unknown name is an error. */
int proc_ids(const char *user, const char *group, uid_t *uid, gid_t *gid,
    struct err *err);

#endif
