#include "filter/geo.h"
#include "profile/profile.h"

int
profile_filter_options(const struct conf *c, struct filter_options *o,
    struct err *err)
{
	*o = (struct filter_options){ .dir = c->filterdir,
		.named = c->filterdir,
		.no_count = true };
	if (c->geodb == NULL)
		return 0;
	o->geo = geo_open_list(c->geodb, err);
	return o->geo != NULL ? 0 : err_prefix(err, "$GEODB");
}
