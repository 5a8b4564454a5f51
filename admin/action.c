#include "admin/action.h"

#include <string.h>

#define P "profile"

const struct action actions[] = {
	{ "get-profilelist", 'A', P, "list", "get-profilelist", NULL, NULL,
	    SHOW_NAMES, "profiles", "No profiles found.", "",
	    "name all profiles" },
	{ "get-profilegroups", 0, P, "groups", "get-profilegroups", NULL, NULL,
	    SHOW_NAMES, "profilegroups", "No profile groups found.", "",
	    "name the groups of profiles" },
	{ "get-frontendplugins", 0, NULL, NULL, "get-frontendplugins", NULL,
	    NULL, SHOW_NAMES, "frontendplugins", "No plugins found.", "", "" },
	{ "get-profile", 'l', P, "show", "get-profile", P, NULL, SHOW_PROFILE,
	    NULL, NULL, "", "show a profile and its channels" },
	{ "add-profile", 'a', P, "add", "add-profile", P, NULL, SHOW_PROFILE,
	    NULL, NULL,
	    "[description=] [tstart=] [tend=] [expire=] [maxsize=] [shadow=1]",
	    "begin a new profile" },
	{ "commit-profile", 'c', P, "commit", "commit-profile", P, NULL,
	    SHOW_PROFILE, NULL, NULL, "",
	    "its channels are complete: begin, build its past" },
	{ "cancel-profile", 0, P, "cancel", "cancel-profile", P, NULL,
	    SHOW_STATUS, NULL, NULL, "", "stop the build of its past" },
	{ "modify-profile", 'm', P, "modify", "modify-profile", P, NULL,
	    SHOW_PROFILE, NULL, NULL,
	    "[description=] [expire=] [maxsize=] [locked=0|1] [newgroup=] "
	    "[profile_type=] [status=]",
	    "change a profile" },
	{ NULL, 0, P, "lock", "modify-profile", P, "locked=1", SHOW_PROFILE,
	    NULL, NULL, "", "protect it from being changed" },
	{ NULL, 0, P, "unlock", "modify-profile", P, "locked=0", SHOW_PROFILE,
	    NULL, NULL, "", "allow that again" },
	{ "rebuild-profile", 'r', P, "rebuild", "rebuild-profile", P, NULL,
	    SHOW_PROFILE, NULL, NULL, "[all]",
	    "count its files anew; all: fill its RRDs anew as well" },
	{ "expire-profile", 'X', P, "expire", "expire-profile", P, NULL,
	    SHOW_PROFILE, NULL, NULL, "[--check]",
	    "remove now what is too old or too much; --check: tell what" },
	{ "delete-profile", 'd', P, "delete", "delete-profile", P, NULL,
	    SHOW_STATUS, NULL, "Profile deleted", "[force]",
	    "remove a profile with all its data" },

	{ NULL, 0, P, "export", NULL, NULL, NULL, SHOW_STATUS, NULL, NULL,
	    "name, --xml name [file]",
	    "a profile as config text, or with its databases as XML" },
	{ NULL, 0, P, "import", NULL, NULL, NULL, SHOW_STATUS, NULL, NULL,
	    "file [name]", "and back" },

	{ "add-channel", 0, "channel", "add", "add-channel", "channel", NULL,
	    SHOW_PROFILE, NULL, NULL,
	    "[filter=|filterfile=] [sourcelist=a|b] [colour=] [sign=+|-] "
	    "[order=]",
	    "add a channel to a profile" },
	{ "modify-channel", 0, "channel", "modify", "modify-channel", "channel",
	    NULL, SHOW_PROFILE, NULL, NULL,
	    "[filter=|filterfile=] [sourcelist=] [colour=] [sign=] [order=]",
	    "change a channel" },
	{ "delete-channel", 0, "channel", "delete", "delete-channel", "channel",
	    NULL, SHOW_PROFILE, NULL, NULL, "",
	    "remove a channel with all its data" },
	{ NULL, 0, "channel", "filter", "get-channelfilter", "channel", NULL,
	    SHOW_LINES, "filter", NULL, "", "print a channel's filter" },
	{ NULL, 0, "channel", "files", "get-channelstat", "channel", NULL,
	    SHOW_VALUES, NULL, NULL, "", "number, size and age of its files" },

	{ NULL, 0, "filter", "list", "get-filterlist", NULL, NULL, SHOW_NAMES,
	    "list", "No filters found.", "", "name the saved filters" },
	{ NULL, 0, "filter", "show", "get-filter", "filter", NULL, SHOW_LINES,
	    "filter", NULL, "", "print a saved filter" },
	{ NULL, 0, "filter", "add", "add-filter", "filtername", NULL,
	    SHOW_STATUS, NULL, "Filter saved",
	    "filter=|filterfile= [overwrite]", "save a filter" },
	{ NULL, 0, "filter", "delete", "delete-filter", "filtername", NULL,
	    SHOW_STATUS, NULL, "Filter deleted", "", "remove a saved filter" },

	{ NULL, 0, "format", "list", "get-formatlist", NULL, NULL, SHOW_VALUES,
	    NULL, NULL, "", "list the saved output formats" },
	{ NULL, 0, "format", "add", "add-format", "format", NULL, SHOW_STATUS,
	    NULL, "Format saved", "formatdef= [overwrite]",
	    "save an output format" },
	{ NULL, 0, "format", "delete", "delete-format", "format", NULL,
	    SHOW_STATUS, NULL, "Format deleted", "",
	    "remove a saved output format" },

	{ NULL, 0, "alert", "list", "get-alertlist", NULL, NULL, SHOW_NAMES,
	    "alertlist", "No alerts found.", "", "name all alerts" },
	{ NULL, 0, "alert", "show", "get-alert", "alert", NULL, SHOW_VALUES,
	    NULL, NULL, "", "show an alert and its state" },
	{ NULL, 0, "alert", "filter", "get-alertfilter", "alert", NULL,
	    SHOW_LINES, "alertfilter", NULL, "", "print an alert's filter" },
	{ NULL, 0, "alert", "add", "add-alert", "alert", NULL, SHOW_STATUS,
	    NULL, NULL,
	    "condition= ... [filter=] [channellist=] [type=] [status=] "
	    "[trigger_type=] ...",
	    "add an alert" },
	{ NULL, 0, "alert", "modify", "modify-alert", "alert", NULL,
	    SHOW_STATUS, NULL, NULL, "as add", "change an alert" },
	{ NULL, 0, "alert", "arm", "arm-alert", "alert", NULL, SHOW_STATUS,
	    NULL, NULL, "", "an alert that fired once may fire again" },
	{ NULL, 0, "alert", "delete", "delete-alert", "alert", NULL,
	    SHOW_STATUS, NULL, NULL, "", "remove an alert" },
};
const size_t n_actions = sizeof(actions) / sizeof(actions[0]);

/* A name in full, or the only one that begins so. */
const struct action *
action_option(const char *name, size_t n)
{
	const struct action *found = NULL;
	size_t begins = 0;
	for (size_t i = 0; n > 0 && i < n_actions; i++) {
		const char *option = actions[i].option;
		if (option == NULL || strncmp(option, name, n) != 0)
			continue;
		if (option[n] == '\0')
			return &actions[i];
		found = &actions[i];
		begins++;
	}
	return begins == 1 ? found : NULL;
}

const struct action *
action_letter(char c)
{
	for (size_t i = 0; i < n_actions; i++)
		if (actions[i].letter == c)
			return &actions[i];
	return NULL;
}

const struct action *
action_words(const char *noun, const char *verb)
{
	for (size_t i = 0; i < n_actions; i++)
		if (actions[i].noun != NULL &&
		    strcmp(actions[i].noun, noun) == 0 &&
		    strcmp(actions[i].verb, verb) == 0)
			return &actions[i];
	return NULL;
}

bool
action_noun(const char *noun)
{
	for (size_t i = 0; i < n_actions; i++)
		if (actions[i].noun != NULL &&
		    strcmp(actions[i].noun, noun) == 0)
			return true;
	return false;
}
