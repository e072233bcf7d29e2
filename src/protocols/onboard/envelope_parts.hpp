// Elements of the envelope; private to envelope*.cpp.
#pragma once
#include "protocols/onboard/envelope.hpp"
#include "protocols/onboard/identity.hpp"
#include "wire/encoding.hpp"
#include "xml/document.hpp"

namespace tf::onboard {

inline constexpr std::string_view kEnvelopeId = "envelope";
inline constexpr xml::Limits kEnvelopeLimits{.bytes = kMaxEnvelope, .depth = 12, .nodes = 400};
inline constexpr xml::Limits kContentLimits{.bytes = 4096, .depth = 3, .nodes = 60};

// The element beside K: its name says the algorithm.
inline std::string_view constant_of(crypto::AkaAlgorithm algorithm) { return algorithm == crypto::AkaAlgorithm::milenage ? "Opc" : "Topc"; }
inline xml::Name ours(std::string_view local) { return {kEnvelopeSpace, local}; }
inline Result<std::string> text_in(const xml::Element& parent, std::string_view name) { return TF_TRY(parent.child(ours(name))).text(); }

// Exactly these children, in this order.
Status check_children(const xml::Element& parent, std::initializer_list<xml::Name> names, const char* reason);
Result<Hash256> hash_in(const xml::Element& parent, std::string_view name);
Result<EnvelopeHeader> header_in(const xml::Element& envelope);

}  // namespace tf::onboard
