#include "apps/trustferry/tool/aka_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

template <std::size_t N>
Result<ByteArray<N>> in_the_open(const std::string& argument, const char* option) {
  const Secret<N> value = TF_TRY(sized<N>(argument, option));
  ByteArray<N> out;
  std::ranges::copy(value.reveal(), out.begin());
  return out;
}

}  // namespace

Result<SecretBytes> sized(const std::string& argument, const char* option, std::initializer_list<std::size_t> sizes) {
  TF_CHECK(need(argument, option));
  SecretBytes bytes = TF_TRY(secret_argument(argument, option));
  if (std::ranges::find(sizes, bytes.size()) == sizes.end())
    return Error{Code::invalid, "cli.size", fmt::format("{} has {} bytes, not {}", option, fmt::join(sizes, " or "), bytes.size())};
  return bytes;
}

Result<AkaNumbers> numbers_of(const AkaWords& words) {
  AkaNumbers out;
  out.rand = TF_TRY(in_the_open<16>(words.rand, "--rand"));
  out.sqn = crypto::sqn_of_octets(TF_TRY(in_the_open<6>(words.sqn, "--sqn")));
  out.amf = TF_TRY(in_the_open<2>(words.amf, "--amf"));
  return out;
}

SecretBytes autn_of(const AkaNumbers& numbers, const Secret<6>& ak, ByteView mac_a) {
  SecretBytes autn(8 + mac_a.size());
  const ByteArray<6> sqn = crypto::sqn_octets(numbers.sqn);
  for (std::size_t i = 0; i < sqn.size(); ++i) autn.reveal_mutable()[i] = sqn[i] ^ ak.reveal()[i];
  std::ranges::copy(numbers.amf, autn.reveal_mutable().begin() + 6);
  std::ranges::copy(mac_a, autn.reveal_mutable().begin() + 8);
  return autn;
}

void print_values(std::initializer_list<std::pair<const char*, ByteView>> values, const Context& context) {
  Facts facts;
  wire::JsonWriter writer;
  writer.begin_object();
  for (const auto& [name, value] : values) {
    facts.add(name, wire::hex_lower(value));
    writer.member(name, wire::hex_lower(value));
  }
  writer.end_object();
  if (context.json) {
    print_line(writer.text());
  } else {
    facts.print();
  }
}

void add_words(CLI::App& command, AkaWords& words, const char* k_sizes) {
  command.add_option("--k", words.k, std::string("the subscription's key K, ") + k_sizes + kOrFile);
  command.add_option("--rand", words.rand, "16 bytes");
  command.add_option("--sqn", words.sqn, "6 bytes");
  command.add_option("--amf", words.amf, "2 bytes");
}

}  // namespace tf::cli
