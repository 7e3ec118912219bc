/** The door for HTTP: routes, sessions, problems, events, the page. */
@NullMarked
package dev.batuta.gateway.http;

import org.jspecify.annotations.NullMarked;
