package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.DoorSettings;

/**
 * The four ports of the door.
 *
 * @param services requests to the messaging services, by convention 5555
 * @param publications what publishers send, 5557; an idle one is told in the log, not closed
 * @param subscriptions what subscribers hear, 5558; they are never closed for saying nothing
 * @param reference requests to the reference service, 5559
 */
public record ZeroMqSettings(
    DoorSettings services,
    DoorSettings publications,
    DoorSettings subscriptions,
    DoorSettings reference) {}
