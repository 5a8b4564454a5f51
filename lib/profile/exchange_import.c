/* A profile from XML into the tree. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/slot.h"
#include "filter/geo.h"
#include "profile/exchange_read.h"
#include "profile/internal.h"

struct import {
	const struct conf *c;
	const struct exchange_opts *o;
	char stat[FILE_PATH_MAX]; /* hidden folders, as long as not all is */
	char data[FILE_PATH_MAX]; /* good */
	struct exchange_reader r;
};

static bool
hidden(const char *root, char *path)
{
	char name[64];
	(void)snprintf(name, sizeof(name), ".import.%ld", (long)getpid());
	return file_join(path, root, name);
}

static int
prepare(struct import *im, struct err *err)
{
	const struct conf *c = im->c;
	if (!hidden(c->profilestatdir, im->stat) ||
	    !hidden(c->profiledatadir, im->data))
		return err_set(err, "%s: path too long", c->profilestatdir);
	if (file_remove_tree(im->stat, err) == -1 ||
	    file_remove_tree(im->data, err) == -1 ||
	    tree_mkdir(c, im->stat, err) == -1)
		return -1;
	return tree_mkdir(c, im->data, err);
}

static void
clean_up(struct import *im)
{
	exchange_reader_free(&im->r);
	profile_free(im->r.p);
	geo_free(im->r.filters.geo);
	(void)file_remove_tree(im->stat, NULL);
	(void)file_remove_tree(im->data, NULL);
}

/* ---- what it becomes here ------------------------------------------------------ */

static int
check_sources(struct import *im, struct err *err)
{
	struct profile *live = profile_load(im->c, ".", "live", err);
	const struct profile *p = im->r.p;
	int rc = live != NULL ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < p->n_channels; i++)
		for (size_t k = 0; rc == 0 && k < p->channels[i].n_sources;
		     k++) {
			const char *s = p->channels[i].sources[k];
			if (strcmp(s, "*") != 0 &&
			    profile_find_channel(live, s) == NULL)
				rc = err_set(err,
				    "channel '%s': source '%s' does not exist "
				    "in profile live",
				    p->channels[i].name, s);
		}
	profile_free(live);
	return rc;
}

static void
begin_here(struct import *im)
{
	struct profile *p = im->r.p;
	int64_t slot = slot_start(im->o->now, im->c->cycletime);
	bool history = (p->type & ~PROFILE_SHADOW) == PROFILE_HISTORY;
	if (history)
		p->type |= PROFILE_SHADOW;
	else if ((p->type & PROFILE_SHADOW) == 0)
		p->tstart = p->tend = slot;
	if (!history)
		p->updated = slot - im->c->cycletime;
	p->size = 0;
	p->status = p->n_channels > 0 ? "OK" : "stalled";
	if (im->o->name != NULL)
		p->name = arena_strdup(&p->arena, im->o->name);
	if (im->o->group != NULL)
		p->group = arena_strdup(&p->arena, im->o->group);
	profile_renumber(p);
}

static int
check_name(struct import *im, struct err *err)
{
	char stat[FILE_PATH_MAX], data[FILE_PATH_MAX];
	const struct profile *p = im->r.p;
	bool grouped = strcmp(p->group, ".") != 0;
	if (!conf_name_ok(p->name, CONF_NAME_MAX) ||
	    (grouped && !conf_name_ok(p->group, CONF_NAME_MAX)))
		return err_set(err, "'%.80s/%.80s' cannot be a profile",
		    p->group, p->name);
	if (!profile_stat_path(im->c, p->group, p->name, NULL, stat) ||
	    !profile_data_path(im->c, p->group, p->name, NULL, data))
		return err_set(err, "profile '%s': path too long", p->name);
	if (file_exists(stat) || file_exists(data))
		return err_set(err, "profile '%s%s%s' already exists",
		    grouped ? p->group : "", grouped ? "/" : "", p->name);
	/* A profile's folder is no place for others. */
	if (grouped &&
	    (!profile_stat_path(im->c, ".", p->group, "profile.dat", stat) ||
		file_exists(stat)))
		return err_set(err, "'%s' is a profile, not a group", p->group);
	return 0;
}

/* ---- into the tree ----------------------------------------------------------------- */

static int
write_rest(struct import *im, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	const struct profile *p = im->r.p;
	for (size_t i = 0; i < p->n_channels; i++) {
		struct buf rrd = BUF_EMPTY;
		buf_printf(&rrd, "%s/%s.rrd", im->stat, p->channels[i].name);
		int rc = tree_own(im->c, buf_str(&rrd), err);
		buf_free(&rrd);
		if (rc == -1 ||
		    !file_join(path, im->data, p->channels[i].name) ||
		    tree_mkdir(im->c, path, err) == -1)
			return -1;
	}
	if (!file_join(path, im->stat, "profile.dat"))
		return err_set(err, "%s: path too long", im->stat);
	profile_print(p, &text);
	int rc = tree_write(im->c, path, &text, err);
	buf_free(&text);
	return rc;
}

static int
make_group(const struct conf *c, const char *root, const char *group,
    struct err *err)
{
	char dir[FILE_PATH_MAX], mark[FILE_PATH_MAX];
	struct buf none = BUF_EMPTY;
	if (strcmp(group, ".") == 0)
		return 0;
	if (!file_join(dir, root, group) || !file_join(mark, dir, ".group"))
		return err_set(err, "%s: path too long", group);
	if (tree_mkdir(c, dir, err) == -1)
		return -1;
	return file_exists(mark) ? 0 : tree_write(c, mark, &none, err);
}

static int
move_in(const char *from, const char *to, struct err *err)
{
	if (rename(from, to) == -1)
		return err_set(err, "%s: %s", to, strerror(errno));
	return file_sync_name(to, err);
}

/* Without its folder in the first tree the one in the second means nothing. */
static int
appear(struct import *im, struct err *err)
{
	char stat[FILE_PATH_MAX], data[FILE_PATH_MAX];
	const struct profile *p = im->r.p;
	if (make_group(im->c, im->c->profiledatadir, p->group, err) == -1 ||
	    make_group(im->c, im->c->profilestatdir, p->group, err) == -1)
		return -1;
	if (!profile_stat_path(im->c, p->group, p->name, NULL, stat) ||
	    !profile_data_path(im->c, p->group, p->name, NULL, data))
		return err_set(err, "profile '%s': path too long", p->name);
	bool one_tree =
	    strcmp(im->c->profilestatdir, im->c->profiledatadir) == 0;
	if (!one_tree && move_in(im->data, data, err) == -1)
		return -1;
	if (move_in(im->stat, stat, err) == 0)
		return 0;
	if (!one_tree)
		(void)file_remove_tree(data, NULL);
	return -1;
}

static int
read_file(struct import *im, const char *xml, struct err *err)
{
	struct exchange_reader *r = &im->r;
	r->c = im->c;
	r->o = im->o;
	r->folder = im->stat;
	if (profile_filter_options(im->c, &r->filters, err) == -1 ||
	    prepare(im, err) == -1 ||
	    xml_parse_file(xml, EXCHANGE_MAX, &exchange_xml, r, err) == -1)
		return -1;
	if (!im->o->any_sources && check_sources(im, err) == -1)
		return err_prefix(err, "%s", xml);
	return 0;
}

int
exchange_import(const struct conf *c, const char *xml,
    const struct exchange_opts *o, struct arena *a, struct profile_id *id,
    struct err *err)
{
	struct import im = { .c = c, .o = o };
	int rc = read_file(&im, xml, err);
	if (rc == 0) {
		begin_here(&im);
		if (check_name(&im, err) == -1 || write_rest(&im, err) == -1 ||
		    appear(&im, err) == -1)
			rc = -1;
	}
	if (rc == 0)
		*id = (struct profile_id){ arena_strdup(a, im.r.p->group),
			arena_strdup(a, im.r.p->name) };
	clean_up(&im);
	return rc;
}
