#include "card/application.hpp"

#include <algorithm>

namespace tf::card {

bool Application::answers_to(ByteView name) const {
  constexpr std::size_t kShortest = 5;  // a registered provider's identifier
  const ByteView own = aid();
  return name.size() >= kShortest && name.size() <= own.size() && std::ranges::equal(name, own.first(name.size()));
}

}  // namespace tf::card
