package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** One node for all tests of a class, and a door into it for each, which the test opens. */
abstract class HttpDoorFixture {
  static HttpDoors doors;

  HttpDoors.Door door;

  @BeforeAll
  static void start() {
    doors = new HttpDoors();
  }

  @AfterAll
  static void stop() {
    doors.close();
  }

  @BeforeEach
  void make() {
    door = doors.at(0);
  }

  @AfterEach
  void close() {
    await(door.close());
  }
}
