/* proto: what daemon and runner say to each other, and the runner itself. */
#ifndef RUNNER_PROTO_H
#define RUNNER_PROTO_H

#include <stdint.h>

#include "runner/runner.h"

/*
 * Daemon to runner, a datagram each: start (with the job's end of a socket
 * pair as a passed descriptor, then argc strings with their NULs), or kill.
 */
struct runner_request {
	uint32_t id;
	uint32_t argc; /* 0: kill job id */
	uint32_t seconds;
	uint8_t worker, with_errors, may_write, guest;
	uint64_t memory_max;
};

#define RUNNER_ALL_LOST 0 /* no job has this id */

/* Runner to daemon: job id has ended; RUNNER_ALL_LOST: the runner had died. */
struct runner_report {
	uint32_t id;
	int32_t how; /* enum runner_how */
	int32_t status;
};

#define RUNNER_DATAGRAM_MAX (sizeof(struct runner_request) + RUNNER_REQUEST_MAX)

/*
 * The runner and who replaces it when it dies, from fork to their end; fd:
 * the daemon's requests.
 */
_Noreturn void runner_process(int fd, const struct runner_worker *workers,
    const struct runner_rooms *rooms);

#endif
