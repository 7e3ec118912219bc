package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.DoorSettings;
import java.util.Optional;

/**
 * The four ports of the door. Of idle connections only those are closed that never said anything.
 *
 * @param services requests to the messaging services, by convention 5555
 * @param publications what publishers send, 5557; an idle one is told in the log, not closed
 * @param subscriptions what subscribers hear, 5558
 * @param reference requests to the reference service, 5559
 * @param key by which all four speak CURVE and nothing else; empty where they speak in the clear
 */
public record ZeroMqSettings(
    DoorSettings services,
    DoorSettings publications,
    DoorSettings subscriptions,
    DoorSettings reference,
    Optional<CurveKey> key) {}
