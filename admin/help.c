/* What nfsen says of itself. */
#include <stdio.h>
#include <string.h>

#include "admin/action.h"

static const char commands[] =
    "  start       start collector and profiler\n"
    "  stop        stop them\n"
    "  reload      have them read the configuration again\n"
    "  upgrade     have new binaries take their place, nothing is lost\n"
    "  status      tell what runs, and the state of every source\n"
    "  reconfig    bring sources and profiles in line with the configuration\n"
    "  forget      remove a source that came by itself, and its data\n"
    "  exporters   tell who sent what, and what was lost why\n"
    "  interfaces  tell the counters of interfaces that sFlow sends\n"
    "  top         channels by their traffic of the last seconds\n"
    "  abort-reset take a simulation back to its beginning\n"
    "  takeover    make an installation of NfSen ours, in place\n"
    "  handback    stop so that NfSen goes on\n"
    "  layout      move flow files as $SUBDIRLAYOUT has them now\n"
    "  index       status, update, rebuild, drop: what queries pass over\n"
    "  completion  print what bash or zsh needs to complete our words\n";

static const char options[] =
    "  --config file  configuration, else $NFSEN_CONF, else the default\n"
    "  --check        check the configuration and exit\n"
    "  --json         answers as JSON\n"
    "  -y             answer questions with yes\n"
    "  --shell, -S    speak the profiler's protocol by hand\n"
    "  -V, --version  -h, --help\n"
    "\n"
    "exporters:\n"
    "  --source name         of this source only\n"
    "  --last 1d             the last hours (h), days (d), weeks (w)\n"
    "  --from time --to time \"2026-11-23 14:05\", 202611231405, "
    "@1795444200\n"
    "interfaces:\n"
    "  --source              likewise\n"
    "top:\n"
    "  --last 10             seconds that count; a profile may follow\n"
    "takeover, layout:\n"
    "  --check               tell what is there and to do, change nothing\n"
    "  --force               takeover: replace databases that cannot be "
    "read\n"
    "handback:\n"
    "  --now                 do not wait for the end of the slot\n";

static const char values[] =
    "A profile is [group/]name, a channel [[group/]profile/]name.\n"
    "  tstart=, tend=  yyyymmddHHMM, also with - between; both: a history\n"
    "  expire=         '36', '36h', '2 days 3 hours'; 0: never\n"
    "  maxsize=        '500m', '1.5g'; 0: no limit\n"
    "  sourcelist=     sources joined by |; all when not given\n"
    "  filter=         nfdump's filter language; filterfile=: from a file\n"
    "NfSen's letters: -D description -B tstart -E tend -e expire -s maxsize\n"
    "  -f filter -L (locked=1) -U (locked=0) -F (force)\n";

static const char examples[] =
    "examples:\n"
    "  nfsen profile add web expire=30d maxsize=2g description='Web'\n"
    "  nfsen channel add web/https filter='proto tcp and port 443' \\\n"
    "      colour=#3366cc\n"
    "  nfsen profile commit web\n"
    "  nfsen profile show web --json\n"
    "  nfsen --add-profile incident tstart=202611230400 "
    "tend=202611230600\n"
    "  nfsen exporters --source gw --from 2026-11-01 --to 2026-12-01\n";

void
help_short(const struct admin *a)
{
	(void)printf("%s command [parameters]\n"
		     "\n"
		     "\tUse --help for long help\n"
		     "\n",
	    a->argv0);
}

static void
print_action(const struct action *x)
{
	if (x->noun != NULL)
		(void)printf("  %s %s%s", x->noun, x->verb,
		    x->object != NULL ? " name" : "");
	else
		(void)printf("  --%s", x->option);
	if (x->takes[0] != '\0')
		(void)printf(" %s", x->takes);
	(void)printf("\n");
	if (x->noun != NULL && x->option != NULL)
		(void)printf("    or --%s", x->option);
	if (x->letter != 0)
		(void)printf(", -%c", x->letter);
	if (x->noun != NULL && x->option != NULL)
		(void)printf("\n");
	if (x->does[0] != '\0')
		(void)printf("    %s\n", x->does);
}

void
help_long(const struct admin *a)
{
	(void)printf("%s command [parameters]\n\n%s\n", a->argv0, commands);
	for (size_t i = 0; i < n_actions; i++)
		print_action(&actions[i]);
	(void)printf("\n%s\n%s\n%s", values, options, examples);
}

/* ---- completion -------------------------------------------------------------------- */

/* "list groups show ...": the verbs of a noun. */
static void
print_verbs(const char *noun)
{
	for (size_t i = 0; i < n_actions; i++)
		if (actions[i].noun != NULL &&
		    strcmp(actions[i].noun, noun) == 0)
			(void)printf(" %s", actions[i].verb);
}

static bool
first_of_noun(size_t i)
{
	if (actions[i].noun == NULL)
		return false;
	for (size_t k = 0; k < i; k++)
		if (actions[k].noun != NULL &&
		    strcmp(actions[k].noun, actions[i].noun) == 0)
			return false;
	return true;
}

/* The first words of our command lines. */
static void
print_commands(void)
{
	for (const char *s = commands; *s != '\0'; s += strcspn(s, "\n") + 1) {
		s += strspn(s, " ");
		(void)printf(" %.*s", (int)strcspn(s, " "), s);
	}
	for (size_t i = 0; i < n_actions; i++)
		if (first_of_noun(i))
			(void)printf(" %s", actions[i].noun);
}

int
cmd_completion(struct admin *a)
{
	(void)a;
	(void)printf("# nfsen: bash, or zsh after: autoload -U bashcompinit; "
		     "bashcompinit\n"
		     "_nfsen() {\n"
		     "\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n"
		     "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
		     "\t\twords='");
	print_commands();
	for (size_t i = 0; i < n_actions; i++)
		if (actions[i].option != NULL)
			(void)printf(" --%s", actions[i].option);
	(void)printf(" --help --version --check --config --shell'\n"
		     "\telif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
		     "\t\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < n_actions; i++)
		if (first_of_noun(i)) {
			(void)printf("\t\t%s) words='", actions[i].noun);
			print_verbs(actions[i].noun);
			(void)printf("' ;;\n");
		}
	(void)printf(
	    "\t\t--*-profile|-[lacdmrX]) words=$(nfsen -A 2>/dev/null) ;;\n"
	    "\t\tesac\n"
	    "\telif [ \"$COMP_CWORD\" -eq 3 ]; then\n"
	    "\t\tcase ${COMP_WORDS[1]} in\n"
	    "\t\tprofile) words=$(nfsen -A 2>/dev/null) ;;\n"
	    "\t\tfilter|alert) words=$(nfsen \"${COMP_WORDS[1]}\" list "
	    "2>/dev/null) ;;\n"
	    "\t\tesac\n"
	    "\tfi\n"
	    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	    "}\n"
	    "complete -F _nfsen nfsen\n");
	return EXIT_OK;
}
