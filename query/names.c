#include "query/names.h"

#include <stddef.h>
#include <string.h>

#include "query/tool.h"

static const struct tool tools[] = {
	{ "nfanon", "anon", tool_anon },
	{ "nfexpire", "expire", tool_expire },
	{ "nfreplay", "replay", tool_replay },
};

const struct tool *
names_tool(int *argc, char ***argv)
{
	if (*argc < 1)
		return NULL;
	const char *name = strrchr((*argv)[0], '/');
	name = name != NULL ? name + 1 : (*argv)[0];
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (strcmp(name, tools[i].name) == 0)
			return &tools[i];
		if (*argc < 2 || tools[i].word == NULL ||
		    strcmp((*argv)[1], tools[i].word) != 0)
			continue;
		(*argc)--;
		(*argv)++;
		return &tools[i];
	}
	return NULL;
}
