/** A whole cluster on this machine: its processes, ports and folders. */
@NullMarked
package dev.batuta.cli.up;

import org.jspecify.annotations.NullMarked;
