@NullMarked
package dev.batuta.tracing;

import org.jspecify.annotations.NullMarked;
