/** How a command talks to a cluster and to who typed it. */
@NullMarked
package dev.batuta.cli.client;

import org.jspecify.annotations.NullMarked;
