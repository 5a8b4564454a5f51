/*
 * confine: what a worker goes on to need, and nothing else (sandbox.h): it
 * reads profiles and what the configuration names, asks daemons over their
 * sockets, and writes no file.
 */
#ifndef FCGI_CONFINE_H
#define FCGI_CONFINE_H

#include "conf/conf.h"

/* Does nothing with $SANDBOX off; what that finds is logged if `tell`. */
void confine(const struct conf *c, bool tell);

#endif
