/** Chat bots that keep count of what they said and heard: {@code bot}. */
@NullMarked
package dev.batuta.cli.bot;

import org.jspecify.annotations.NullMarked;
