/*
 * names: the tools in this program: which one is meant, by the name it was
 * started under (a link "nfanon") or by the first word ("nfsen-query anon").
 */
#ifndef QUERY_NAMES_H
#define QUERY_NAMES_H

typedef int tool_main(int argc, char **argv);

struct tool {
	const char *name; /* of the link, and in messages */
	const char *word; /* NULL: by its name alone */
	tool_main *run;   /* the exit status; argv[0] is a name */
};

/*
 * NULL: a query.  A word that was used is taken from the arguments, so that
 * either way argv[1] is the tool's first.
 */
const struct tool *names_tool(int *argc, char ***argv);

#endif
