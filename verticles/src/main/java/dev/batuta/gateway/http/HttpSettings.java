package dev.batuta.gateway.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the door of HTTP is told.
 *
 * @param host address to listen on
 * @param port 0 for a free one
 * @param maxBodyBytes of a request; more is refused with 413
 * @param maxConnections at once; more are closed
 * @param maxStreams of events at once; more are refused with 429
 * @param idle connections without traffic for so long are closed
 * @param webroot a folder to serve the console from, instead of the packed one
 */
public record HttpSettings(
    String host,
    int port,
    long maxBodyBytes,
    int maxConnections,
    int maxStreams,
    Duration idle,
    Optional<Path> webroot) {}
