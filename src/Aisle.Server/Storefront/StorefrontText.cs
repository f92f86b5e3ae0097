namespace Aisle.Server.Storefront;

/// <summary>Names the storefront's texts: StorefrontText.zh.resx holds the Chinese, the keys are the English.</summary>
internal sealed class StorefrontText;
