/** The rows of the benchmark. */
@NullMarked
package dev.batuta.cli.bench;

import org.jspecify.annotations.NullMarked;
