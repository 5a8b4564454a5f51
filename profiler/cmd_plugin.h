/* cmd_plugin: "<plugin>::<function>", beside its table of cmd.h. */
#ifndef PROFILER_CMD_PLUGIN_H
#define PROFILER_CMD_PLUGIN_H

#include "profiler/cmd.h"

/* The command is "<plugin>::<function>": call it, or say what is unknown. */
void cmd_plugin_call(struct cmd *c);

#endif
