/** What the world outside sees: HTTP, server-sent events, the SockJS bridge, health and metrics. */
@NullMarked
package dev.batuta.gateway;

import org.jspecify.annotations.NullMarked;
