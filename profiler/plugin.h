/*
 * plugin: calls of the programs that @plugins names (conf/plugins.h).
 *
 *   PROGRAM run                 after a slot      profilegroup profile timeslot
 *   PROGRAM condition           of an alert       alert alertfile timeslot
 *   PROGRAM action              of an alert       alert timeslot
 *   PROGRAM command FUNCTION    "NAME::FUNCTION" on the socket
 *
 * Standard input has the arguments as lines of the protocol, "key=value" or
 * "_key=value", and a last line ".".  Standard output of all but `run` is an
 * answer as on the socket: data lines, "OK text" or "ERR text" last.  Exit
 * status PLUGIN_NO_SUCH says that there is no such call.
 */
#ifndef PROFILER_PLUGIN_H
#define PROFILER_PLUGIN_H

#include <stddef.h>

#include "ctl/ctl.h"

#define PLUGIN_NO_SUCH     64  /* EX_USAGE */
#define PLUGIN_SECONDS     60  /* of a command, condition or action */
#define PLUGIN_RUN_SECONDS 300 /* of all of a slot's runs, as NfSen's */
#define PLUGIN_OUTPUT_MAX  (16 * 1024 * 1024)

/* Standard input: a line of an argument, and the last line. */
void plugin_add_arg(struct buf *in, const char *key, const char *value);
void plugin_add_element(struct buf *in, const char *key, const char *value);
void plugin_end_args(struct buf *in);

/*
 * What a program said: data lines into reply->data, made safe for the
 * socket, and its status line, with a terminating NUL, into status ("": it
 * said none).
 */
void plugin_answer(const char *out, size_t len, struct ctl_reply *reply,
    struct buf *status);

/*
 * A runner's worker: PROGRAM GROUP PROFILE TIMESLOT, and more of these four.
 * Each program is run to its end, one after the other; a line of output for
 * each that failed.
 */
#define PLUGIN_RUN      "run-plugins"
#define PLUGIN_RUN_ARGS 4
int plugin_run_all(int argc, char **argv);

#endif
