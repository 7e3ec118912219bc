/** The command line. */
@NullMarked
package dev.batuta.cli;

import org.jspecify.annotations.NullMarked;
