// The device's steps by suite; private to terminal*.cpp.
#pragma once
#include "protocols/rki/terminal.hpp"

namespace tf::rki {

Result<TerminalStep> on_server_hello(AwaitingServerHello state, std::string_view body, const Identity& identity,
                                     TerminalPorts ports);
Result<TerminalStep> on_token(AwaitingToken state, std::string_view body, const Identity& identity, TerminalPorts ports);
Result<TerminalStep> on_delivery(AwaitingDelivery state, std::string_view body, TerminalPorts ports);
Result<TerminalStep> on_ack(AwaitingAck state, std::string_view body);

}  // namespace tf::rki
