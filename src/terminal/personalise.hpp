// The device's side of personalisation: it makes its key, asks the loader on the local connection, stores what it gets.
#pragma once
#include <functional>
#include <string>

#include "terminal/device.hpp"

namespace tf::terminal {

// staple: the device's policy from then on. save must have stored the device before the loader is told. Code::refused when the loader refuses or gives a certificate
// that is not for this DSN and key.
Result<Device> personalise(const std::string& loader_socket, const wire::Dsn& dsn, const Clock& clock,
                           const std::function<Status(const Device&)>& save, rki::Staple staple = rki::Staple::ask);

}  // namespace tf::terminal
