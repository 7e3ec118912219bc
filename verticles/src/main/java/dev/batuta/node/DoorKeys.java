package dev.batuta.node;

import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.TlsSettings;
import dev.batuta.gateway.zeromq.CurveKey;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys of one door besides HTTP, below {@code doors.NAME}, where the name is that of its port.
 *
 * @param protocol in a few words
 * @param tls absent for ZeroMQ, whose four ports have {@link #curve} together
 */
public record DoorKeys(
    String name,
    String protocol,
    Setting<Boolean> enabled,
    Setting<String> host,
    Setting<Integer> port,
    Setting<List<String>> allow,
    Optional<Setting<Boolean>> tls,
    Setting<Integer> maxConnections,
    Setting<Integer> maxMessage,
    Setting<Integer> rate,
    Setting<Duration> idle,
    Setting<Duration> opening) {

  public static final DoorKeys WORKERS_WS =
      of("workers-ws", "workers and masters, JSON over WebSocket", true);
  public static final DoorKeys WORKERS_TCP =
      of("workers-tcp", "workers and masters, JSON over TCP", true);
  public static final DoorKeys ZEROMQ_SERVICES =
      of("zeromq-services", "messaging, ZeroMQ REP", false);
  public static final DoorKeys ZEROMQ_PUBLISH = of("zeromq-publish", "topics, ZeroMQ XSUB", false);
  public static final DoorKeys ZEROMQ_SUBSCRIBE =
      of("zeromq-subscribe", "topics, ZeroMQ XPUB", false);
  public static final DoorKeys ZEROMQ_REFERENCE =
      of("zeromq-reference", "reference, ZeroMQ REP", false);
  public static final DoorKeys PLATFORM = of("platform", "task platform, JSON over TCP", true);
  public static final DoorKeys BRIDGE = of("bridge", "event-bus bridge over TCP", true);

  /** The four ports of one door: a client of one uses the others too. */
  public static final List<DoorKeys> ZEROMQ =
      List.of(ZEROMQ_SERVICES, ZEROMQ_PUBLISH, ZEROMQ_SUBSCRIBE, ZEROMQ_REFERENCE);

  private static final List<DoorKeys> ALL =
      List.of(
          WORKERS_WS,
          WORKERS_TCP,
          ZEROMQ_SERVICES,
          ZEROMQ_PUBLISH,
          ZEROMQ_SUBSCRIBE,
          ZEROMQ_REFERENCE,
          PLATFORM,
          BRIDGE);

  /** The doors that there are besides HTTP, in the order in which they are shown. */
  public static List<DoorKeys> all() {
    return ALL;
  }

  private static DoorKeys of(String name, String protocol, boolean hasTls) {
    String group = "doors." + name + ".";
    return new DoorKeys(
        name,
        protocol,
        Setting.truth(group + "enabled"),
        Setting.text(group + "host"),
        Setting.port(group + "port"),
        Setting.list(group + "allow"),
        hasTls ? Optional.of(Setting.truth(group + "tls")) : Optional.empty(),
        Setting.integer(group + "max-connections", 1, 100_000),
        Setting.bytes(group + "max-message"),
        Setting.integer(group + "rate", 1, 1_000_000),
        Setting.duration(group + "idle"),
        Setting.duration(group + "opening"));
  }

  Stream<Setting<?>> keys() {
    return Stream.concat(
        Stream.of(enabled, host, port, allow), // the order of application.yaml
        Stream.concat(tls.stream(), Stream.of(maxConnections, maxMessage, rate, idle, opening)));
  }

  /**
   * What a configuration says of this door, empty where it is off.
   *
   * @throws SettingsException where it would listen for others and let nobody in: these protocols
   *     know their clients by nothing but the address, so who may come has to be said
   */
  public Optional<DoorSettings> in(NodeSettings settings) {
    if (!settings.get(enabled)) {
      return Optional.empty();
    }
    List<String> networks = settings.get(allow);
    String listensOn = settings.get(host);
    if (listensOn.isEmpty()) {
      throw new SettingsException(host.key() + " is empty: say where to listen, such as 127.0.0.1");
    }
    if (networks.isEmpty() && !isLoopback(listensOn)) {
      throw new SettingsException(
          allow.key()
              + " is empty, and "
              + host.key()
              + " is "
              + listensOn
              + ": list the addresses or networks that may come in, such as 10.1.0.0/16, or listen"
              + " on 127.0.0.1");
    }
    return Optional.of(
        new DoorSettings(
            name,
            new Listening.Place(
                listensOn, settings.get(port), host.key(), "--set " + port.key() + "=P"),
            allowed(networks),
            settings.get(maxConnections),
            settings.get(maxMessage),
            DoorSettings.heldBytes(settings.get(maxMessage)),
            settings.get(rate),
            settings.get(idle),
            settings.get(opening),
            tls.filter(settings::get).map(on -> tls(settings, on))));
  }

  private AllowedHosts allowed(List<String> networks) {
    try {
      return new AllowedHosts(networks);
    } catch (IllegalArgumentException wrong) {
      throw new SettingsException(allow.key() + ": " + wrong.getMessage());
    }
  }

  /**
   * The certificate of a node.
   *
   * @param wanted the key that asks for it
   */
  static TlsSettings tls(NodeSettings settings, Setting<Boolean> wanted) {
    if (settings.get(Setting.TLS_CERTIFICATE).isEmpty()
        || settings.get(Setting.TLS_KEY).isEmpty()) {
      throw new SettingsException(
          "%s is true: give the PEM files of a certificate and its key by %s and %s"
              .formatted(wanted.key(), Setting.TLS_CERTIFICATE.key(), Setting.TLS_KEY.key()));
    }
    try {
      return new TlsSettings(
          Path.of(settings.get(Setting.TLS_CERTIFICATE)), Path.of(settings.get(Setting.TLS_KEY)));
    } catch (IllegalArgumentException wrong) {
      throw new SettingsException("tls: " + wrong.getMessage());
    }
  }

  /**
   * The key by which the ports of ZeroMQ speak CURVE; empty where they speak in the clear.
   *
   * @throws SettingsException where the file is none or holds none
   */
  static Optional<CurveKey> curve(NodeSettings settings) {
    String file = settings.get(Setting.TLS_CURVE_KEY);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(CurveKey.read(Path.of(file)));
    } catch (IllegalArgumentException wrong) {
      throw new SettingsException(
          "%s is %s: %s; batuta keys curve FILE makes one"
              .formatted(Setting.TLS_CURVE_KEY.key(), file, wrong.getMessage()));
    }
  }

  /** A name is looked up as it will be to listen; one that is nobody's is said then. */
  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }
}
