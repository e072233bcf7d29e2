// What tool milenage and tool tuak have in common: one RAND, SQN and AMF in, every output out.
#pragma once
#include <initializer_list>
#include <string>
#include <utility>

#include "apps/trustferry/line/commands.hpp"
#include "crypto/aka/types.hpp"

namespace tf::cli {

struct AkaWords {
  std::string k, rand, sqn, amf;
};
struct AkaNumbers {
  crypto::Rand rand{};
  std::uint64_t sqn = 0;
  crypto::Amf amf{};
};

// A secret argument of one of these sizes. Code::invalid "cli.size".
Result<SecretBytes> sized(const std::string& argument, const char* option, std::initializer_list<std::size_t> sizes);
template <std::size_t N>
Result<Secret<N>> sized(const std::string& argument, const char* option) {
  const SecretBytes bytes = TF_TRY(sized(argument, option, {N}));
  return Secret<N>(bytes.reveal().template first<N>());
}
Result<AkaNumbers> numbers_of(const AkaWords& words);

// (SQN xor AK) ‖ AMF ‖ MAC-A
SecretBytes autn_of(const AkaNumbers& numbers, const Secret<6>& ak, ByteView mac_a);
// Names and values, in hexadecimal digits.
void print_values(std::initializer_list<std::pair<const char*, ByteView>> values, const Context& context);

void add_words(CLI::App& command, AkaWords& words, const char* k_sizes);
inline constexpr const char* kOrFile = " in hexadecimal digits, or @FILE that holds them, or - for standard input";

}  // namespace tf::cli
