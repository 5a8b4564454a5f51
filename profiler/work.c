/* The workers there are (cmd_work.h). */
#include "profiler/cmd_work.h"
#include "profiler/plugin.h"
#include "profiler/work_graph.h"
#include "profiler/work_lookup.h"
#include "profiler/work_stat.h"

const struct runner_worker work_workers[] = {
	{ WORK_STATINFO, work_statinfo },
	{ WORK_PEEK, work_peek },
	{ WORK_DETAILS, work_details },
	{ WORK_OVERVIEW, work_overview },
	{ WORK_ALERTGRAPH, work_alertgraph },
	{ WORK_FILE, work_file },
	{ WORK_LOOKUP, work_lookup },
	{ PLUGIN_RUN, plugin_run_all },
	{ NULL, NULL },
};
