/** Traces: W3C Trace Context, passed on always; spans by OpenTelemetry, where it is configured. */
@NullMarked
package dev.batuta.tracing;

import org.jspecify.annotations.NullMarked;
