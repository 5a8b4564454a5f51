/* What an alert may ask for.  Texts are NfSen's. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert/alert.h"
#include "conf/plugins.h"
#include "conf/value.h"
#include "profile/ops.h"

static int
check_range(int v, int min, int max, const char *key, const char *what,
    struct err *err)
{
	if (v >= min && v <= max)
		return 0;
	return err_set(err, "%s '%d' not a valid %s", key, v, what);
}

/* ---- conditions --------------------------------------------------------------- */

#define FIELDS 7
#define VALUE  5 /* the field that is a number of any size */

static const int most[2][FIELDS] = {
	[ALERT_SUM] = { 1, 5, 2, 6, 0, -1, 5 },
	[ALERT_TOP] = { 1, 5, 1, 6, 12, -1, 4 },
};

/* "12", "1.5". */
static bool
is_number(const char *s, size_t n)
{
	size_t digits = 0;
	size_t points = 0;
	for (size_t i = 0; i < n; i++) {
		digits += isdigit((unsigned char)s[i]) != 0;
		points += s[i] == '.';
	}
	return digits > 0 && points <= 1 && digits + points == n && n <= 20;
}

static int
check_field(const char *cond, int type, size_t i, const char *s, size_t n,
    struct err *err)
{
	int max = most[type][i];
	if (!is_number(s, n) || (i != VALUE && memchr(s, '.', n) != NULL))
		return err_set(err,
		    "Attribute %zu value '%.*s' is no number in condition '%s'",
		    i, (int)n, s, cond);
	if (max >= 0 && strtol(s, NULL, 10) > max)
		return err_set(err,
		    "Attribute %zu value %.*s > %d in condition '%s'", i,
		    (int)n, s, max, cond);
	return 0;
}

static int
check_condition(const char *cond, int type, struct err *err)
{
	size_t n = 1;
	for (const char *s = cond; *s != '\0'; s++)
		n += *s == ':';
	if (n != FIELDS)
		return err_set(err,
		    "Wrong number of attributes for condition '%s'", cond);
	const char *s = cond;
	for (size_t i = 0; i < FIELDS; i++) {
		size_t len = strcspn(s, ":");
		if (check_field(cond, type, i, s, len, err) == -1)
			return -1;
		s += len + (s[len] == ':');
	}
	return 0;
}

static int
check_conditions(const struct conf *c, const struct alert *a, struct err *err)
{
	if (a->n_conditions == 0)
		return err_set(err, "At least one condition needed for alert");
	if (a->type == ALERT_PLUGIN && a->n_conditions != 1)
		return err_set(err,
		    "Exactly one plugin required for plugin based condition");
	if (a->type == ALERT_PLUGIN && !conf_plugin_named(c, a->conditions[0]))
		return err_set(err,
		    "Plugin '%s' does not exists or has no alert condition "
		    "function",
		    a->conditions[0]);
	for (size_t i = 0; a->type != ALERT_PLUGIN && i < a->n_conditions; i++)
		if (check_condition(a->conditions[i], a->type, err) == -1)
			return -1;
	return 0;
}

/* ---- actions ------------------------------------------------------------------ */

/* name@host.domain, name@localhost: no address that a mail program reads
 * anything else into. */
static bool
is_address(const char *s, size_t n)
{
	const char *at = memchr(s, '@', n);
	if (at == NULL || at == s || s[0] == '-')
		return false;
	for (const char *p = s; p < at; p++)
		if (!isalnum((unsigned char)*p) && strchr("_.-+", *p) == NULL)
			return false;
	const char *host = at + 1;
	size_t len = n - (size_t)(host - s);
	if (len == 9 && strncasecmp(host, "localhost", 9) == 0)
		return true;
	bool point = false;
	for (size_t i = 0; i < len; i++) {
		bool edge = i == 0 || i + 1 == len || host[i - 1] == '.';
		if (host[i] == '.' && !edge)
			point = true;
		else if (!isalnum((unsigned char)host[i]) &&
			 (host[i] != '-' || edge))
			return false;
	}
	return point;
}

static int
check_email(const struct conf *c, const struct alert *a, struct err *err)
{
	if (c->mail_from == NULL)
		return err_set(err,
		    "email 'From' address required in nfsen.conf file");
	if (a->action_email[0] == '\0')
		return err_set(err, "action_email required for action_type=1");
	for (const char *s = a->action_email; s != NULL;) {
		size_t n = strcspn(s, ",");
		while (n > 0 && *s == ' ')
			s++, n--;
		if (!is_address(s, n))
			return err_set(err,
			    "action_email '%.*s' not a valid email address",
			    (int)n, s);
		s = s[n] == ',' ? s + n + 1 : NULL;
	}
	return 0;
}

static int
check_system(const struct conf *c, const struct alert *a, struct err *err)
{
	struct stat st;
	const struct value *allow =
	    c->vars != NULL ? value_get(c->vars, "$AllowsSystemCMD") : NULL;
	if (allow == NULL || allow->type != VALUE_SCALAR ||
	    strcmp(allow->text, "0") == 0 || allow->text[0] == '\0')
		return err_set(err, "action_system: Option not enabled.");
	if (a->action_system[0] == '\0')
		return err_set(err, "action_system required for action_type=2");
	for (const char *s = a->action_system; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr("/._+-", *s) == NULL)
			return err_set(err,
			    "action_system '%s' empty or contains illegal "
			    "characters",
			    a->action_system);
	if (a->action_system[0] != '/' || stat(a->action_system, &st) == -1 ||
	    !S_ISREG(st.st_mode) || access(a->action_system, X_OK) == -1)
		return err_set(err, "action_system '%s' not an executable file",
		    a->action_system);
	return 0;
}

static int
check_plugin(const struct conf *c, const struct alert *a, struct err *err)
{
	if (a->action_plugin[0] == '\0')
		return err_set(err, "action_plugin required for action_type=4");
	if (!conf_plugin_named(c, a->action_plugin))
		return err_set(err,
		    "action_plugin '%s' is not a plugin or has no alert_action "
		    "function",
		    a->action_plugin);
	return 0;
}

static int
check_action(const struct conf *c, const struct alert *a, struct err *err)
{
	if (check_range(a->action_type, 0,
		ALERT_EMAIL | ALERT_SYSTEM | ALERT_CALL, "action_type",
		"alert action type", err) == -1)
		return -1;
	for (const char *s = a->action_subject; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s == 0x7f)
			return err_set(err,
			    "action_subject '%s' contains illegal characters",
			    a->action_subject);
	if ((a->action_type & ALERT_EMAIL) && check_email(c, a, err) == -1)
		return -1;
	if ((a->action_type & ALERT_SYSTEM) && check_system(c, a, err) == -1)
		return -1;
	return (a->action_type & ALERT_CALL) ? check_plugin(c, a, err) : 0;
}

/* ---- the whole ------------------------------------------------------------------ */

static int
check_sources(const struct conf *c, const struct alert *a, struct err *err)
{
	struct profile *live = profile_load(c, ".", "live", err);
	int rc = live == NULL ? -1 : 0;
	for (size_t i = 0; rc == 0 && i < a->n_sources; i++)
		if (profile_find_channel(live, a->sources[i]) == NULL)
			rc = err_set(err,
			    "source '%s' does not exist in profile live",
			    a->sources[i]);
	profile_free(live);
	return rc;
}

static int
check_trigger(const struct alert *a, struct err *err)
{
	if (strcmp(a->status, "enabled") != 0 &&
	    strcmp(a->status, "disabled") != 0 && strcmp(a->status, "0") != 0)
		return err_set(err, "status '%s' not valid", a->status);
	if (check_range(a->type, 0, ALERT_PLUGIN, "type", "alert type", err) ==
		-1 ||
	    check_range(a->trigger_type, 0, ALERT_TRIGGER_MAX, "type",
		"trigger type", err) == -1 ||
	    check_range(a->trigger_number, 1, 9, "type", "trigger number",
		err) == -1)
		return -1;
	return check_range(a->trigger_blocks, 0, 9, "type",
	    "trigger blocks number", err);
}

int
alert_check(const struct conf *c, const struct alert *a, const char *filter,
    struct err *err)
{
	if (check_trigger(a, err) == -1 || check_action(c, a, err) == -1 ||
	    check_conditions(c, a, err) == -1 || check_sources(c, a, err) == -1)
		return -1;
	return filter == NULL
		   ? 0
		   : ops_check_filter(c, filter, strlen(filter), err);
}
