using Microsoft.OpenApi;

namespace Aisle.Server.Api;

/// <summary>The OpenAPI document at /openapi/v1.json and the page to try it at /swagger.</summary>
internal static class ApiDescription
{
    private const string KeyScheme = "key";

    public static void AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi("v1", document =>
        {
            document.ShouldInclude = endpoint => endpoint.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
            document.AddDocumentTransformer((description, _, _) =>
            {
                description.Info = new OpenApiInfo
                {
                    Title = "Aisle",
                    Version = "v1",
                    Description = "Events and catalogue in, recommendations out. Every call needs an API key, as `Authorization: Bearer KEY` or `X-API-Key`.",
                };
                description.Servers?.Clear();
                description.Components ??= new OpenApiComponents();
                description.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    [KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key of the store." },
                };
                description.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, description)] = [] }];
                return Task.CompletedTask;
            });
        });

    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi();
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "swagger";
            page.SwaggerEndpoint("/openapi/v1.json", "Aisle v1");
            page.DocumentTitle = "Aisle API";
        });
    }
}
