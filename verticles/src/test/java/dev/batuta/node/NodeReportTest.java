package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NodeReportTest {
  @Test
  void anAddressOfIpv6StandsInBracketsInAUrl() {
    assertThat(NodeReport.inUrl("fd00::1")).isEqualTo("[fd00::1]");
    assertThat(NodeReport.inUrl("10.0.0.1")).isEqualTo("10.0.0.1");
    assertThat(NodeReport.inUrl("server-1")).isEqualTo("server-1");
  }
}
